using System.Net;
using System.Net.Sockets;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab.Probes;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>Endpoints that end and still serve, and hints of whom endpoints are for: slices as controllers write them.</summary>
[Collection(typeof(MachineWide))]
public sealed class TerminatingEndpointTests : IDisposable
{
    private static readonly string[] nodes = ["node1", "node2"];
    private readonly ServiceLab lab = new("vxlan");
    private readonly KubernetesClient client;
    private readonly PortOfPod first;
    private readonly PortOfPod second;

    public TerminatingEndpointTests()
    {
        client = new KubernetesClient(ClusterConnection.FromKubeconfig($"{lab.Lab.Directory}/kubeconfig"));
        first = new PortOfPod(1, lab.AddressesOf("web-1"), ServiceLab.TargetPort, Node: 1);
        second = new PortOfPod(2, lab.AddressesOf("web-2"), ServiceLab.TargetPort, Node: 2);
    }

    [Fact]
    public async Task Endpoints_that_end_serve_where_a_policy_leaves_no_ready_one_and_hints_choose_among_those_that_are_ready()
    {
        lab.Service("anywhere", "", "NodePort", """{"selector": null}""");
        lab.Service(
            "local",
            "",
            "LoadBalancer",
            """{"selector": null, "externalTrafficPolicy": "Local", "internalTrafficPolicy": "Local"}"""
        );
        var (anywhere, local) = (Slices("anywhere"), Slices("local"));

        // Nobody is ready.
        await Task.WhenAll(anywhere.EndAsync(first), local.EndAsync(first));
        Reach("anywhere", insideOf: ["web-1", "web-1"], outsideThrough: ["web-1", "web-1"]);
        Reach("local", insideOf: ["web-1", null], outsideThrough: ["web-1", null]);
        Health("local", 503, 503);

        // One is, on the other node: the policy Local keeps to what is here.
        await Task.WhenAll(anywhere.AddAsync(second), local.AddAsync(second));
        Reach("anywhere", insideOf: ["web-2", "web-2"], outsideThrough: ["web-2", "web-2"]);
        Reach("local", insideOf: ["web-1", "web-2"], outsideThrough: ["web-1", "web-2"]);
        Health("local", 503, 200);

        await Task.WhenAll(anywhere.RemoveAsync(first), local.RemoveAsync(first));
        Reach("anywhere", insideOf: ["web-2", "web-2"], outsideThrough: ["web-2", "web-2"]);
        Reach("local", insideOf: [null, "web-2"], outsideThrough: [null, "web-2"]);

        await HintsChoose(anywhere);
    }

    public void Dispose()
    {
        client.Dispose();
        lab.Dispose();
    }

    private async Task HintsChoose(WrittenSlices slices)
    {
        for (var i = 0; i < nodes.Length; i++)
        {
            lab.Kubectl("label", "node", nodes[i], $"topology.kubernetes.io/zone=zone-{i + 1}");
        }

        await slices.AddAsync(first with { ForZone = "zone-1" }, second with { ForZone = "zone-2" });
        Reach("anywhere", insideOf: ["web-1", "web-2"], outsideThrough: ["web-1", "web-2"]);
        // trafficDistribution PreferSameNode: its hints come before those of zones, and fall back to them.
        await slices.AddAsync(
            first with
            {
                ForZone = "zone-2",
                ForNode = "node1",
            },
            second with
            {
                ForZone = "zone-1",
                ForNode = "node2",
            }
        );
        Reach("anywhere", insideOf: ["web-1", "web-2"], outsideThrough: ["web-1", "web-2"]);
        await slices.AddAsync(
            first with
            {
                ForZone = "zone-2",
                ForNode = "node3",
            },
            second with
            {
                ForZone = "zone-1",
                ForNode = "node4",
            }
        );
        Reach("anywhere", insideOf: ["web-2", "web-1"], outsideThrough: ["web-2", "web-1"]);
        // Hints count only when all have them.
        await slices.AddAsync(second);
        Reach("anywhere", insideOf: ["web-1 web-2", "web-1 web-2"], outsideThrough: ["web-1 web-2", "web-1 web-2"]);
    }

    private WrittenSlices Slices(string service) =>
        new(client, new ObjectKey(ServiceLab.Namespace, service), TestContext.Current.CancellationToken);

    /// <summary>Who answers, for each node: its pods at the ClusterIP, and clients outside at its port; null for nobody.</summary>
    private void Reach(string service, string?[] insideOf, string?[] outsideThrough)
    {
        var port = lab.NodePortOf(service, ProtocolType.Tcp);
        foreach (var (family, clusterIP) in lab.ClusterIPsOf(service).Index())
        {
            for (var i = 0; i < nodes.Length; i++)
            {
                var (pod, node) = ($"client-{i + 1}", ServiceLab.AddressesOf(i + 1)[family]);
                Answers(() => lab.FromPod(pod, ProtocolType.Tcp, clusterIP), insideOf[i]);
                Answers(() => lab.FromOutside(ProtocolType.Tcp, node, port), outsideThrough[i]);
            }
        }
    }

    private static void Answers(Func<ProbeResult> ask, string? expected)
    {
        if (expected is null)
        {
            // Not refused: there are endpoints, only not for this client.
            ServiceLab.Eventually(
                ask,
                answer =>
                    answer.Problem == "no answer"
                    || answer.Problem?.StartsWith("No route to host", StringComparison.Ordinal) == true
            );
            return;
        }

        var servers = expected.Split(' ');
        ServiceLab.Eventually(ask, answer => servers.Contains(answer.SeenAs));
        ServiceLab.ReachesAll(ask, servers);
    }

    private void Health(string service, params int[] expected)
    {
        for (var i = 0; i < nodes.Length; i++)
        {
            var (node, status) = (ServiceLab.AddressesOf(i + 1)[0], expected[i]);
            Waiting.Eventually(
                $"the health check of {nodes[i]} says {status}",
                () => lab.HealthOf(service, node).StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal)
            );
        }
    }
}
