using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Weft.Netlink;
using Weft.Tests.EndToEnd.Contract;
using Weft.Tests.EndToEnd.Lab;
using Weft.Tests.Metrics;

namespace Weft.Tests.EndToEnd.Installation;

/// <summary>The chart on a real API server, which alone knows what it accepts and whom it lets do what.</summary>
[Collection(typeof(MachineWide))]
public sealed class RoleTests
{
    private const int AgentPort = 9968;

    [Theory]
    [InlineData("defaults")]
    [InlineData("native")]
    [InlineData("watched")]
    [InlineData("uninstalling")]
    public async Task The_manifests_are_accepted_strictly(string variant)
    {
        await using var server = new RealServer();
        server.SkipUnlessThere();
        await server.InitializeAsync();
        using var chart = new ChartOnServer(server);
        chart.Kubectl("apply", "--dry-run=server", "--validate=strict", "-f", ChartOnServer.Golden(variant));
    }

    /// <summary>What a life without mishaps does not make them ask for.</summary>
    private static readonly HashSet<string> Rare =
    [
        // An Event that repeats within minutes: EventRecorderTests.
        "patch events.events.k8s.io",
        // An ADD that comes sooner than the news of its pod: PodIdentitiesTests.
        "get pods",
    ];

    /// <summary>
    /// Under the chart's own service accounts and roles: pools, nodes that come and go, pods and their identities,
    /// policies, Services, load balancers' addresses, and what is reported as Events.
    /// </summary>
    [Fact]
    public async Task Agent_and_operator_use_all_of_the_charts_roles_and_are_refused_nothing()
    {
        await using var server = new RealServer();
        server.SkipUnlessThere();
        await server.InitializeAsync();
        using var chart = new ChartOnServer(server);
        chart.Kubectl("apply", "-f", ChartOnServer.Golden("defaults"));
        var port = ChartOnServer.FreePort();
        using var op = Process.Start(
            $"{WeftCommand.Repository}/out/weft-operator",
            [
                "--config",
                chart.Write(
                    "operator.json",
                    $$"""{"clusterPodCidrs": ["10.244.0.0/16", "fd00:10:244::/56"], "identityGraceSeconds": 0, "listen": "127.0.0.1:{{port}}"}"""
                ),
                "--kubeconfig",
                chart.KubeconfigOf("weft-operator", server.Kubeconfig),
            ]
        );
        try
        {
            Waiting.Eventually("the operator leads", () => Operator(port, "weft_operator_leader") == 1);
            using var lab = LabUnderTest.UpOn(server.Kubeconfig, nodes: 2);
            lab.Weft("operator", "kill").Succeeded();
            foreach (var node in new[] { 1, 2 })
            {
                RestartAgent(chart, lab, node);
            }

            Work(chart, lab, op.Id);

            var agent = Refused(AgentMetrics(lab), "weft_agent");
            Assert.True(agent.Refused.Length == 0, $"the agent was refused: {string.Join(", ", agent.Refused)}");
            var ofOperator = Refused(Get(new Socket(SocketType.Stream, ProtocolType.Tcp), port), "weft_operator");
            Assert.True(
                ofOperator.Refused.Length == 0,
                $"the operator was refused: {string.Join(", ", ofOperator.Refused)}"
            );
            Assert.True(agent.Succeeded > 0 && ofOperator.Succeeded > 0);
            foreach (var component in new[] { "weft-agent", "weft-operator" })
            {
                var unused = RoleUse
                    .Allowed(chart, component)
                    .Except(RoleUse.Asked(server.AuditLog, component))
                    .Except(Rare)
                    .ToList();
                Assert.True(unused.Count == 0, $"{component} may do and never did: {string.Join(", ", unused)}");
            }

            // As docs/install.md has it for uninstalling.
            op.Kill();
            chart.Kubectl("delete", "customresourcedefinitions", "--selector", "app.kubernetes.io/part-of=weft");
            Assert.DoesNotContain("weft.dev", chart.Kubectl("get", "crd", "-o", "name"), StringComparison.Ordinal);
        }
        finally
        {
            op.Kill();
            await op.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Something of each kind that a component reads or writes; returns when it has come about.</summary>
    private static void Work(ChartOnServer chart, LabUnderTest lab, int operatorProcess)
    {
        // What is gone is made again, by who is under test now: by the agent while there is no operator to do it.
        Signal("-STOP", operatorProcess);
        chart.Kubectl("delete", "weftnode", "node1");
        Waiting.Eventually("the agent makes its WeftNode", () => Has(chart, "weftnodes", "{..name}", "node1"));
        Signal("-CONT", operatorProcess);
        Waiting.Eventually("it has its prefixes again", () => Has(chart, "weftnode/node1", "{.spec.podCIDRs}", "/"));
        chart.Kubectl("taint", "node", "node1", "node.weft.dev/agent-not-ready=:NoSchedule");
        chart.Kubectl("patch", "node", "node1", "--subresource=status", "-p", NetworkUnavailable);
        Waiting.Eventually(
            "the taint is taken off",
            () => !Has(chart, "node/node1", "{.spec.taints}", "agent-not-ready")
        );
        Waiting.Eventually("the Node has its network", () => Has(chart, "node/node1", "{.status}", "WeftIsUp"));
        lab.RunPod("default/a", 1);
        lab.RunPod("default/b", 2);
        foreach (var node in new[] { "node1", "node2" })
        {
            Waiting.Eventually(
                "its slice is there",
                () => Has(chart, "weftendpointslices", "{.items[*].metadata.name}", node)
            );
        }

        chart.Kubectl("apply", "-f", chart.Write("objects.yaml", Objects));
        Waiting.Eventually(
            "the Service has an address",
            () => Has(chart, "service/web", "{.status.loadBalancer.ingress}", "192.0.2.200")
        );
        Waiting.Eventually("the pool says so", () => Has(chart, "weftloadbalancerpool/pool", "{.status.used}", "1"));
        Waiting.Eventually(
            "the policy's fault is reported",
            () => Has(chart, "events.events.k8s.io", "{.items[*].regarding.kind}", "NetworkPolicy")
        );
        Waiting.Eventually(
            "the Service without its address is reported",
            () => Has(chart, "events.events.k8s.io", "{.items[*].reason}", "AddressTaken")
        );
        lab.Weft("delete", "default/a").Succeeded();
        Waiting.Eventually(
            "its slice is gone",
            () => !Has(chart, "weftendpointslices", "{.items[*].metadata.name}", "node1")
        );
        lab.Weft("kubelet", "kill", "--node", "2").Succeeded();
        lab.Weft("agent", "kill", "--node", "2").Succeeded();
        // There is no agent to make it.
        chart.Kubectl("delete", "weftnode", "node2");
        Waiting.Eventually("the operator makes its WeftNode", () => Has(chart, "weftnodes", "{..name}", "node2"));
        chart.Kubectl("delete", "node", "node2");
        Waiting.Eventually(
            "what the node left is gone",
            () => !Has(chart, "weftnodes", "{.items[*].metadata.name}", "node2")
        );
        Waiting.Eventually("the pool has its block back", () => Has(chart, "weftippool/default", "{.status}", "node1"));
        chart.Kubectl("delete", "pod", "b", "--force", "--grace-period=0");
        Waiting.Eventually(
            "nobody has an identity",
            () => chart.Kubectl("get", "weftidentities", "-o", "name").Length == 0
        );
    }

    private static void Signal(string signal, int process) =>
        WeftCommand.Run("kill", [signal, $"{process}"]).Succeeded();

    private const string NetworkUnavailable =
        """{"status": {"conditions": [{"type": "NetworkUnavailable", "status": "True", "reason": "OfATest"}]}}""";

    private const string Objects = """
        apiVersion: weft.dev/v1alpha1
        kind: WeftLoadBalancerPool
        metadata: {name: pool}
        spec: {cidrs: [192.0.2.200/32]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: default}
        spec:
          type: LoadBalancer
          ports: [{port: 80}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        endpoints: [{addresses: [192.0.2.11]}]
        ports: [{port: 80, name: ""}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: first, namespace: default}
        spec:
          externalIPs: [192.0.2.250]
          ports: [{port: 80}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: second, namespace: default}
        spec:
          externalIPs: [192.0.2.250]
          ports: [{port: 80}]
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: senseless, namespace: default}
        spec:
          podSelector: {}
          policyTypes: [Ingress]
          ingress: [{}]
          egress: [{}]
        """;

    private static void RestartAgent(ChartOnServer chart, LabUnderTest lab, int node)
    {
        var file = $"{lab.Directory}/nodes/node{node}/agent.json";
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        config["kubernetes"]!["kubeconfig"] = chart.KubeconfigOf("weft-agent", $"{lab.Directory}/nodes.kubeconfig");
        File.WriteAllText(file, config.ToJsonString());
        lab.Weft("agent", "kill", "--node", $"{node}").Succeeded();
        lab.Weft("agent", "start", "--node", $"{node}").Succeeded();
    }

    private static bool Has(ChartOnServer chart, string what, string path, string text) =>
        chart
            .Kubectl("get", what, "--ignore-not-found", "-o", $"jsonpath={path}")
            .Contains(text, StringComparison.Ordinal);

    /// <summary>Requests that the API server has refused (401, 403), and how many succeeded.</summary>
    private static (string[] Refused, double Succeeded) Refused(ExpositionText metrics, string program)
    {
        var requests = metrics.SeriesOf($"{program}_api_requests_total").ToList();
        return (
            [.. requests.Where(series => Is(series, "401", "403"))],
            requests.Where(series => Is(series, "200", "201")).Sum(series => metrics[series])
        );
    }

    private static bool Is(string series, params string[] codes) =>
        codes.Any(code => series.Contains($"code=\"{code}\"", StringComparison.Ordinal));

    private static double Operator(int port, string metric)
    {
        try
        {
            return Get(new Socket(SocketType.Stream, ProtocolType.Tcp), port)[metric];
        }
        catch (SocketException)
        {
            return -1; // It does not listen yet.
        }
    }

    private static ExpositionText AgentMetrics(LabUnderTest lab)
    {
        using var network = NetworkNamespace.Open($"{lab.Directory}/netns/node1");
        return Get(network.Run(() => new Socket(SocketType.Stream, ProtocolType.Tcp)), AgentPort);
    }

    private static ExpositionText Get(Socket socket, int port)
    {
        using (socket)
        {
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(Encoding.ASCII.GetBytes("GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n"));
            using var reader = new StreamReader(new NetworkStream(socket));
            return ExpositionText.Parse(reader.ReadToEnd().Split("\r\n\r\n", 2)[1]);
        }
    }
}
