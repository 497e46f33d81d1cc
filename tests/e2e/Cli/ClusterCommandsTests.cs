using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Cli;

/// <summary>The operator's commands, on a cluster of two nodes.</summary>
public sealed class ClusterCommandsTests : IDisposable
{
    private const int NotWell = 3;
    private readonly LabUnderTest lab = LabUnderTest.UpWithKubernetes(nodes: 2);

    public void Dispose() => lab.Dispose();

    [Fact]
    public void Status_tells_that_all_is_well_and_whose_agent_is_gone()
    {
        var well = Weft("status", "--wait", "-o", "json");
        var status = JsonNode.Parse(well.Succeeded())!;
        Assert.Empty(status["warnings"]!.AsArray());
        Assert.Equal(["node1", "node2"], status["nodes"]!.AsArray().Select(node => (string)node!["name"]!));
        Assert.All(
            status["nodes"]!.AsArray(),
            node => Assert.Contains(node!["features"]!.AsArray(), feature => (string)feature!["name"]! == "tcx")
        );

        lab.Weft("agent", "kill", "--node", "2").Succeeded();
        var ill = Weft("status");
        Assert.Equal(NotWell, ill.ExitCode);
        Assert.Contains("agent of node2: does not answer", ill.Output, StringComparison.Ordinal);

        lab.Weft("agent", "start", "--node", "2").Succeeded();
        Weft("status", "--wait").Succeeded();
    }

    [Fact]
    public void Connectivity_is_tried_and_nothing_is_left()
    {
        var before = Namespaces();
        var tried = Weft("connectivity", "test", "-o", "json");
        var paths = JsonNode.Parse(tried.Succeeded())!["paths"]!.AsArray();
        Assert.Equal(42, paths.Count(path => (string)path!["outcome"]! == "Passed"));
        Assert.Equal(before, Namespaces());
    }

    [Fact]
    public void A_path_that_fails_says_what_to_look_at_and_nothing_is_left()
    {
        var before = Namespaces();
        // Nobody serves there.
        var tried = Weft("connectivity", "test", "--world", "198.51.100.1:9");
        Assert.Equal(NotWell, tried.ExitCode);
        Assert.Contains("✗ pod to world, IPv4 tcp: ", tried.Output, StringComparison.Ordinal);
        Assert.Contains(": refused", tried.Output, StringComparison.Ordinal);
        Assert.Contains("look at: weft explain", tried.Output, StringComparison.Ordinal);
        Assert.Equal(before, Namespaces());
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Interrupted_it_leaves_nothing(string signal)
    {
        var before = Namespaces();
        using var tested = WeftCommand.Start("connectivity", "test", "--dir", lab.Directory);
        // Its first pods are being made.
        while (tested.StandardError.ReadLine() is { } line && !line.Contains("namespace:", StringComparison.Ordinal))
        { }

        WeftCommand.Run("kill", ["-s", signal, $"{tested.Id}"]).Succeeded();
        tested.StandardError.ReadToEnd();
        tested.WaitForExit();
        Assert.NotEqual(0, tested.ExitCode);
        Assert.Equal(before, Namespaces());
    }

    [Fact]
    public void Pods_identities_nodes_and_maps_are_shown_by_name()
    {
        lab.RunPod("shop/web", 1, "sleep", "infinity");
        Assert.Contains("shop/web", Weft("endpoint", "list", "-n", "shop").Succeeded(), StringComparison.Ordinal);
        var endpoint = JsonNode.Parse(Weft("endpoint", "get", "shop/web", "-o", "json").Succeeded())!["endpoints"]![0]!;
        Assert.Equal("node1", (string)endpoint["node"]!);
        Assert.Contains(
            "pods              shop/web",
            Weft("identity", "get", $"{endpoint["identity"]}").Succeeded(),
            StringComparison.Ordinal
        );
        Assert.Contains("node2", Weft("node", "get", "node1").Succeeded(), StringComparison.Ordinal);
        Assert.Contains("endpoints", Weft("map", "list").Succeeded(), StringComparison.Ordinal);
        Assert.Contains("weft endpoint list", Weft("endpoint", "get", "shop/none").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_are_dumped_with_names_and_say_when_they_are_cut()
    {
        var address = lab.RunPod("shop/web", 1, "sleep", "infinity")[0];
        lab.RunPod("shop/far", 2, "sleep", "infinity");
        Kubectl(
            """
            {
                "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                "metadata": {"name": "closed", "namespace": "shop"},
                "spec": {
                    "podSelector": {},
                    "ingress": [
                        {"from": [{"podSelector": {}}], "ports": [{"port": 8080, "endPort": 8083}]},
                        {"from": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}
                    ]
                }
            }
            """
        );
        Kubectl(
            """
            {
                "apiVersion": "v1", "kind": "Service",
                "metadata": {"name": "web", "namespace": "shop"},
                "spec": {"type": "NodePort", "selector": {"weft": "none"}, "ports": [{"name": "http", "port": 80}]}
            }
            """
        );
        Waiting.Eventually("the policy is in force", () => Dump("endpoints", "policySet").Contains("shop/closed"));
        Waiting.Eventually("the Service is served", () => Dump("services", "service").Contains("shop/web:http"));

        Assert.Contains(Mapped("endpoints"), entry => (string?)entry["addressName"] == "shop/web");
        Assert.Contains(Mapped("endpoints"), entry => (string?)entry["identityName"] == "shop");
        Assert.Contains(Mapped("peers"), entry => (string?)entry["nodeName"] == "node node2");
        Assert.Contains(
            Mapped("policy"),
            entry =>
                (string)entry["port"]! == "8080-8083/TCP" && (string)entry["allowedBy"]! == "shop/closed ingress[0]"
        );
        Assert.Contains(Mapped("policy_blocks"), entry => (string)entry["prefix"]! == "192.0.2.0/24");
        Assert.Contains("shop/web:http", Dump("node_ports", "service"), StringComparison.Ordinal);
        Assert.Contains(Mapped("devices"), entry => (string)entry["device"]! == "eth0");
        foreach (var map in JsonNode.Parse(Weft("map", "list", "-o", "json").Succeeded())!["maps"]!.AsArray())
        {
            Weft("map", "dump", (string)map!["name"]!, "--node", "node1").Succeeded();
        }

        var text = Weft("map", "dump", "endpoints", "--node", "node1", "--limit", "1").Succeeded();
        Assert.Contains("node1: 1 of 2 entries", text, StringComparison.Ordinal);
        Assert.Contains(
            $"{address} (shop/web)",
            Weft("map", "dump", "endpoints").Succeeded(),
            StringComparison.Ordinal
        );
        Assert.Contains("it is one of affinity, backends", Weft("map", "dump", "none").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dump_has_objects_agents_and_logs_and_no_secrets()
    {
        lab.RunPod("shop/web", 1, "sh", "-c", "sleep infinity # geheim");
        var file = $"{lab.Directory}/dump.tar.gz";
        Weft("sysdump", "--file", file).Succeeded();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var entries = Entries(file);
        Assert.Contains("shop", entries["dump/objects/pods.json"], StringComparison.Ordinal);
        Assert.Contains("node1", entries["dump/agents/node1/state.json"], StringComparison.Ordinal);
        Assert.Contains("serves", entries["dump/logs/nodes/node2/agent.log"], StringComparison.Ordinal);
        Assert.All(entries.Values, text => Assert.DoesNotContain("geheim", text, StringComparison.Ordinal));
    }

    [Fact]
    public void An_agent_is_asked_by_the_program_beside_it_too()
    {
        var answer = lab.ExecOnNode(1, $"{WeftCommand.Repository}/out/weft-agent", "ask", "{\"verb\":\"State\"}");
        Assert.Equal("node1", (string)JsonNode.Parse(answer.Succeeded())!["state"]!["node"]!);
        Assert.Equal(
            2,
            lab.ExecOnNode(1, $"{WeftCommand.Repository}/out/weft-agent", "ask", "{\"verb\":\"Gc\"}").ExitCode
        );
    }

    private List<JsonNode> Mapped(string map, string node = "node1") =>
        [
            .. JsonNode.Parse(Weft("map", "dump", map, "--node", node, "-o", "json").Succeeded())!["nodes"]![0]![
                "entries"
            ]!
                .AsArray()
                .Select(entry => entry!),
        ];

    private string Dump(string map, string field) => string.Join('\n', Mapped(map).Select(entry => entry[field]));

    private void Kubectl(string manifest)
    {
        var file = $"{lab.Directory}/{Guid.NewGuid():n}.json";
        File.WriteAllText(file, manifest);
        WeftCommand.Run("kubectl", ["--kubeconfig", $"{lab.Directory}/kubeconfig", "apply", "-f", file]).Succeeded();
    }

    private Outcome Weft(params string[] arguments) => WeftCommand.Run([.. arguments, "--dir", lab.Directory]);

    private string Namespaces() =>
        WeftCommand
            .Run("kubectl", ["--kubeconfig", $"{lab.Directory}/kubeconfig", "get", "namespaces", "-o", "name"])
            .Succeeded();

    private static Dictionary<string, string> Entries(string file)
    {
        using var reader = new TarReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        var entries = new Dictionary<string, string>();
        while (reader.GetNextEntry() is { } entry)
        {
            using var text = new StreamReader(entry.DataStream ?? Stream.Null);
            entries[entry.Name] = text.ReadToEnd();
        }

        return entries;
    }
}
