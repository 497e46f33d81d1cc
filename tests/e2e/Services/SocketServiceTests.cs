using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Weft.Lab;
using Weft.Lab.Probes;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>Services for processes of the nodes and of their pods: sockets get a backend before there is a packet.</summary>
[Collection(typeof(MachineWide))]
public sealed class SocketServiceTests(SocketServiceTests.Fixture fixture) : IClassFixture<SocketServiceTests.Fixture>
{
    private readonly ServiceLab lab = fixture.Lab;

    public static TheoryData<ProtocolType, int> ProtocolsAndFamilies =>
        new()
        {
            { ProtocolType.Tcp, 0 },
            { ProtocolType.Tcp, 1 },
            { ProtocolType.Udp, 0 },
            { ProtocolType.Udp, 1 },
        };

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void A_pod_reaches_every_endpoint_by_the_ClusterIP(ProtocolType protocol, int family)
    {
        var to = lab.Service("cluster-ip", "both")[family];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", protocol, to), "web-1", "web-2");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void A_process_of_the_node_reaches_every_endpoint_by_the_ClusterIP(ProtocolType protocol, int family)
    {
        var to = lab.Service("cluster-ip-of-node", "both")[family];
        ServiceLab.ReachesAll(() => lab.FromNode(2, protocol, to), "web-1", "web-2");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void A_pod_reaches_itself_by_its_Service(ProtocolType protocol, int family)
    {
        var to = lab.Service("hairpin", "", more: """{"selector": {"pod": "web-1"}}""")[family];
        ServiceLab.ReachesAll(() => lab.FromPod("web-1", protocol, to), "web-1");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void A_node_port_on_the_own_node_leads_to_every_endpoint(ProtocolType protocol, int family)
    {
        lab.Service("node-port", "both", "NodePort");
        var port = lab.NodePortOf("node-port", protocol);
        var node = AddressPlan.OfNode(1)[family].Address.ToIPAddress();
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", protocol, node, port), "web-1", "web-2");
        ServiceLab.ReachesAll(() => lab.FromNode(1, protocol, node, port), "web-1", "web-2");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void A_pod_whose_sockets_are_left_alone_reaches_every_endpoint_by_its_packets(
        ProtocolType protocol,
        int family
    )
    {
        var to = lab.Service("packets", "both")[family];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", protocol, to), "web-1", "web-2");
        var before = lab.Translations(1);
        ServiceLab.ReachesAll(() => lab.FromPod("apart", protocol, to), "web-1", "web-2");
        Assert.True(lab.Translations(1) > before, "no packet was translated");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void A_Service_without_endpoints_refuses(ProtocolType protocol, int family)
    {
        var to = lab.Service("nobody", "nobody")[family];
        ServiceLab.Eventually(
            () => lab.FromPod("client-1", protocol, to),
            answer => answer.Problem?.Contains("refused", StringComparison.Ordinal) == true
        );
        ServiceLab.Eventually(
            () => lab.FromNode(1, protocol, to),
            answer => answer.Problem?.Contains("refused", StringComparison.Ordinal) == true
        );
    }

    [Fact]
    public void A_port_that_the_Service_lacks_is_refused()
    {
        var to = lab.Service("one-port", "both")[0];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "web-1", "web-2");
        Assert.Contains("refused", lab.FromPod("client-1", ProtocolType.Tcp, to, 81).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_policy_Local_leads_to_endpoints_of_the_own_node_alone()
    {
        var to = lab.Service("local", "both", more: """{"internalTrafficPolicy": "Local"}""")[0];
        for (var i = 0; i < 8; i++)
        {
            ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "web-1");
            ServiceLab.ReachesAll(() => lab.FromPod("client-2", ProtocolType.Tcp, to), "web-2");
        }
    }

    [Fact]
    public void With_affinity_a_client_keeps_its_backend_and_without_it_again_does_not()
    {
        var to = lab.Service("affinity", "both", more: """{"sessionAffinity": "ClientIP"}""")[0];
        ServiceLab.Eventually(() => lab.FromPod("client-1", ProtocolType.Tcp, to), answer => answer.Ok);
        var kept = lab.FromPod("client-1", ProtocolType.Tcp, to).SeenAs;
        for (var i = 0; i < 15; i++)
        {
            Assert.Equal(kept, lab.FromPod("client-1", ProtocolType.Tcp, to).SeenAs);
        }

        lab.Service("affinity", "both", more: """{"sessionAffinity": "None"}""");
        ServiceLab.Eventually(
            () => lab.FromPod("client-1", ProtocolType.Tcp, to),
            answer => answer.Ok && answer.SeenAs != kept
        );
    }

    [Fact]
    public void Endpoints_that_come_and_go_are_followed()
    {
        lab.Apply(ServicePods.Server("passing", 2, app: "passing"));
        var to = lab.Service("passing", "passing")[0];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "passing");
        lab.Kubectl("delete", "pod", "passing", "--wait=true");
        ServiceLab.Eventually(
            () => lab.FromPod("client-1", ProtocolType.Tcp, to),
            answer => answer.Problem?.Contains("refused", StringComparison.Ordinal) == true
        );
        lab.Kubectl("delete", "service", "passing");
        ServiceLab.Eventually(
            () => lab.FromPod("client-1", ProtocolType.Tcp, to),
            answer => !answer.Ok && !answer.Problem!.Contains("refused", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Without_the_agent_Services_go_on_and_after_its_start_they_follow_again()
    {
        var to = lab.Service("restart", "both")[0];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "web-1", "web-2");
        lab.Lab.Weft("agent", "kill", "--node", "1").Succeeded();
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "web-1", "web-2");
        lab.Service("restart", "both", more: """{"selector": {"pod": "web-2"}}""");
        var late = lab.Service("restart-late", "both")[0];
        lab.Lab.Weft("agent", "start", "--node", "1").Succeeded();
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, late), "web-1", "web-2");
        for (var i = 0; i < 8; i++)
        {
            ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "web-2");
        }
    }

    [Fact]
    public void A_pod_whose_sockets_are_left_alone_stays_so_over_a_restart_and_leaves_nothing_behind()
    {
        var before = lab.PacketOnly(1);
        lab.Apply(ServicePods.Client("alone", 1, isApart: true));
        lab.Kubectl("wait", "pod", "alone", "--for=condition=Ready", "--timeout=60s");
        var added = Assert.Single(lab.PacketOnly(1).Except(before));
        var clusterIPs = lab.Service("by-packets", "both");
        IsServedByPackets(clusterIPs);
        lab.RestartAgent(1);
        // One that is served tells that the agent has gone through all there is.
        var later = lab.Service("after-restart", "both")[0];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, later), "web-1", "web-2");
        Assert.Contains(added, lab.PacketOnly(1));
        IsServedByPackets(clusterIPs);

        lab.Kubectl("delete", "pod", "alone", "--wait=true");
        Waiting.Eventually("nothing is left of the pod", () => lab.PacketOnly(1).SetEquals(before));

        void IsServedByPackets(IReadOnlyList<IPAddress> addresses)
        {
            foreach (var to in addresses)
            {
                foreach (var protocol in (ProtocolType[])[ProtocolType.Tcp, ProtocolType.Udp])
                {
                    var translations = lab.Translations(1);
                    ServiceLab.ReachesAll(() => lab.FromPod("alone", protocol, to), "web-1", "web-2");
                    Assert.True(lab.Translations(1) > translations, $"no packet of {protocol} to {to} was translated");
                }
            }
        }
    }

    [Fact]
    public void A_policy_is_about_the_endpoint_and_not_about_the_Service()
    {
        lab.Apply(ServicePods.Server("guarded", 2, app: "guarded"));
        var to = lab.Service("guarded", "guarded")[0];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "guarded");
        lab.Apply(
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: guard, namespace: svc}
            spec:
              podSelector: {matchLabels: {app: guarded}}
              ingress: [{from: [{podSelector: {matchLabels: {pod: web-1}}}]}]
            """
        );
        ServiceLab.Eventually(
            () => lab.FromPod("client-1", ProtocolType.Tcp, to),
            answer => answer.Problem == "no answer"
        );
        ServiceLab.ReachesAll(() => lab.FromPod("web-1", ProtocolType.Tcp, to), "guarded");
    }

    [Fact]
    public async Task Through_a_rolling_update_no_connection_fails()
    {
        lab.Apply(ServicePods.Deployment("rolling"));
        lab.Kubectl("rollout", "status", "deployment/rolling", "--timeout=180s");
        var to = lab.Service("rolling", "rolling")[0];
        ServiceLab.Eventually(() => lab.FromPod("client-1", ProtocolType.Tcp, to), answer => answer.Ok);
        using var done = new CancellationTokenSource();
        var answers = new ConcurrentQueue<ProbeResult>();
        var asking = Task.Run(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    answers.Enqueue(lab.FromPod("client-1", ProtocolType.Tcp, to));
                }
            },
            TestContext.Current.CancellationToken
        );
        do
        {
            lab.Kubectl("rollout", "restart", "deployment/rolling");
            lab.Kubectl("rollout", "status", "deployment/rolling", "--timeout=180s");
        } while (answers.Count < 20);

        await done.CancelAsync();
        await asking;
        Assert.All(answers, answer => Assert.True(answer.Ok, answer.Problem));
    }

    [Theory]
    [InlineData("svc/client-1", 0)]
    [InlineData("svc/client-1", 1)]
    [InlineData(null, 0)]
    public async Task A_connected_UDP_socket_whose_endpoint_leaves_the_Service_is_closed(string? pod, int family)
    {
        var name = $"left-{(pod is null ? "node" : "pod")}-{family}";
        lab.Apply(ServicePods.Server($"{name}-1", 2, app: name));
        var to = lab.Service(name, name)[family];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Udp, to), $"{name}-1");
        var connected = $"{lab.Lab.Directory}/{name}.connected";
        // Ends when its socket fails, which nothing else makes it do: the endpoint lives on and would go on answering.
        string[] talk =
        [
            "timeout",
            "90",
            "bash",
            "-c",
            $"exec 3<>/dev/udp/{to}/80; touch {connected}; while printf x >&3; do sleep 0.1; done; exit 7",
        ];
        var talking = Task.Run(
            () => pod is null ? lab.Lab.ExecOnNode(1, talk) : lab.Lab.Exec(pod, talk),
            TestContext.Current.CancellationToken
        );
        Waiting.Eventually("a connected socket", () => File.Exists(connected));
        lab.Apply(ServicePods.Server($"{name}-2", 2, app: name));
        ServiceLab.Eventually(
            () => lab.FromPod("client-1", ProtocolType.Udp, to),
            answer => answer.SeenAs == $"{name}-2"
        );
        Assert.False(talking.IsCompleted);
        lab.Kubectl("label", "pod", $"{name}-1", "app=elsewhere", "--overwrite");
        Assert.Equal(7, (await talking).ExitCode);
    }

    [Fact]
    public void What_the_command_line_tells_is_what_the_maps_say()
    {
        lab.Service("told", "both", more: """{"sessionAffinity": "ClientIP"}""");
        ServiceLab.Eventually(
            () => lab.FromPod("client-1", ProtocolType.Tcp, lab.Service("told", "both")[0]),
            answer => answer.Ok
        );
        Assert.Contains("svc/told:udp", Weft("service", "list"), StringComparison.Ordinal);
        Assert.Contains("svc/web-2 on node2", Weft("service", "show", "svc/told"), StringComparison.Ordinal);
        Assert.Contains(
            "goes to one of 2",
            Weft("service", "trace", "svc/client-1", "svc/told:80/UDP"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "svc/told has no port 81",
            Weft("service", "trace", "node1", "svc/told:81"),
            StringComparison.Ordinal
        );
    }

    /// <summary>Fails when maps and objects differ: the exit code says so.</summary>
    private string Weft(params string[] arguments) =>
        WeftCommand.Run([.. arguments, "--dir", lab.Lab.Directory]).Succeeded();

    public sealed class Fixture : IDisposable
    {
        internal ServiceLab Lab { get; } = new("vxlan");

        public void Dispose() => Lab.Dispose();
    }
}
