using System.Text;
using System.Text.Json.Nodes;
using Weft.Agent.Configuration;
using Weft.Operator.Configuration;
using AgentFile = Weft.Agent.Configuration.ConfigFile;
using OperatorFile = Weft.Operator.Configuration.ConfigFile;

namespace Weft.Tests.Unit.Chart;

public sealed class ChartTests
{
    private const string Defaults = "{}";

    private const string Native = """
        image: { repository: registry.example/weft, tag: v1 }
        imagePullSecrets: [{ name: pull }]
        apiServer: { host: 192.0.2.1, port: 6443 }
        routingMode: native
        devices: [eth0, eth1]
        masquerade: false
        kubeProxyReplacement: false
        ipam: { mode: kubernetes, clusterPodCidrs: [] }
        agent: { maxUnavailable: 3 }
        operator: { replicas: 1 }
        """;

    private const string Watched = """
        tunnelPort: 4789
        mtu: 1400
        serviceCidrs: [10.96.0.0/16]
        cgroupRoot: /sys/fs/cgroup/unified
        cniChain: [portmap, bandwidth]
        ipam: { clusterPodCidrs: [10.244.0.0/16, "fd00:10:244::/48"] }
        cni: { binDirectory: /usr/lib/cni, configDirectory: /etc/other/net.d, exclusive: false }
        agent: { port: 19968, podAnnotations: { example.com/team: network } }
        serviceMonitor: { enabled: true, interval: 15s, labels: { release: prometheus } }
        prometheusRule: { enabled: true, labels: { release: prometheus } }
        grafanaDashboard: { enabled: true }
        """;

    private const string Uninstalling = "uninstall: { enabled: true }";

    public static TheoryData<string, string> Variants =>
        new()
        {
            { "uninstalling", Uninstalling },
            { "defaults", Defaults },
            { "native", Native },
            { "watched", Watched },
        };

    /// <summary>WEFT_WRITE_GOLDEN=1 writes what is rendered now; the difference is for review.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public void The_manifests_are_those_of_the_golden_file(string name, string values)
    {
        var path = $"tests/unit/Chart/Golden/{name}.yaml";
        var rendered = WeftChart.Render(WeftChart.ValuesWith(values));
        if (Environment.GetEnvironmentVariable("WEFT_WRITE_GOLDEN") == "1")
        {
            File.WriteAllText(Path.Combine(Repository.Root, path), rendered);
        }

        Assert.Equal(Repository.Read(path), rendered);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_programs_accept_the_configurations(string name, string values)
    {
        var data = WeftChart
            .Objects(WeftChart.ValuesWith(values))
            .Single(obj => Kind(obj) == "ConfigMap" && Text(obj["metadata"]!["name"]) == "weft")["data"]!;
        var agent = AgentFile.Parse(Encoding.UTF8.GetBytes(Text(data["agent.json"])), "node1");
        Assert.NotNull(agent.Kubernetes);
        Assert.Equal(name != "native", agent.Services?.ReplacesKubeProxy);
        Assert.Equal(name == "native" ? RoutingMode.Native : RoutingMode.Vxlan, agent.RoutingMode);
        var op = OperatorFile.Parse(Encoding.UTF8.GetBytes(Text(data["operator.json"])));
        Assert.Equal(name == "native" ? Ipam.Kubernetes : Ipam.Pool, op.Ipam);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_schema_accepts_the_values(string name, string values)
    {
        Assert.NotNull(name);
        Assert.Empty(ValuesSchema.Problems(WeftChart.Schema, WeftChart.ValuesWith(values)));
    }

    [Theory]
    [InlineData("routingMod: native")]
    [InlineData("routingMode: tunnel")]
    [InlineData("{ routingMode: native, tunnelPort: 8472 }")]
    [InlineData("tunnelPort: 65536")]
    [InlineData("{ kubeProxyReplacement: false, xdp: true }")]
    [InlineData("{ kubeProxyReplacement: false, loadBalancerMode: dsr }")]
    [InlineData("loadBalancerMode: ipip")]
    [InlineData("cgroupRoot: cgroup")]
    [InlineData("mtu: 1279")]
    [InlineData("mtu: 1400.5")]
    [InlineData("devices: [eth0, eth0]")]
    [InlineData("devices: eth0")]
    [InlineData("cniChain: [tuning]")]
    [InlineData("masquerade: 1")]
    [InlineData("ipam: { mode: kubernetes }")]
    [InlineData("ipam: { clusterPodCidrs: [10.244.0.0] }")]
    [InlineData("apiServer: { host: 192.0.2.1 }")]
    [InlineData("apiServer: { port: 6443 }")]
    [InlineData("image: { repository: \"\" }")]
    [InlineData("image: { registry: example }")]
    [InlineData("agent: { replicas: 2 }")]
    [InlineData("agent: { maxUnavailable: 0% }")]
    [InlineData("operator: { replicas: 0 }")]
    [InlineData("cni: { binDirectory: opt }")]
    [InlineData("serviceMonitor: { interval: soon }")]
    [InlineData("uninstall: true")]
    [InlineData("cni: { exclusive: maybe }")]
    public void The_schema_refuses_what_is_unknown_or_contradictory(string values) =>
        Assert.NotEmpty(ValuesSchema.Problems(WeftChart.Schema, WeftChart.ValuesWith(values)));

    [Fact]
    public void Every_value_is_in_the_schema_and_every_one_of_the_schema_has_a_default()
    {
        Compare(WeftChart.Schema, WeftChart.Values, "values");

        static void Compare(JsonObject schema, JsonObject values, string path)
        {
            if (schema["properties"] is not JsonObject properties)
            {
                return;
            }

            Assert.True(schema["additionalProperties"]?.GetValue<bool>() == false, $"{path} lets anything in");
            Assert.Equal(
                properties.Select(property => property.Key).Where(key => key != "global"),
                values.Select(value => value.Key)
            );
            foreach (var (key, inner) in values)
            {
                if (inner is JsonObject map)
                {
                    Compare(properties[key]!.AsObject(), map, $"{path}.{key}");
                }
            }
        }
    }

    [Fact]
    public void Only_the_container_that_prepares_the_node_is_privileged()
    {
        var privileged = WeftChart
            .Objects(WeftChart.Values)
            .Where(obj => Kind(obj) is "DaemonSet" or "Deployment")
            .Select(workload => workload["spec"]!["template"]!["spec"]!)
            .SelectMany(pod => pod["containers"]!.AsArray().Concat(pod["initContainers"]?.AsArray() ?? []))
            .Where(container => container!["securityContext"]!["privileged"]?.GetValue<bool>() == true)
            .Select(container => Text(container!["name"]));
        Assert.Equal(["prepare-node"], privileged);
    }

    [Fact]
    public void No_role_has_a_wildcard()
    {
        var rules = WeftChart
            .Objects(WeftChart.Values)
            .Where(obj => Kind(obj) is "ClusterRole" or "Role")
            .SelectMany(role => role["rules"]!.AsArray());
        Assert.All(rules, rule => Assert.DoesNotContain("*", rule!.ToJsonString(), StringComparison.Ordinal));
    }

    private static string Kind(JsonObject obj) => Text(obj["kind"]);

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
