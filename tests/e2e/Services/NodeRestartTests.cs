using System.Globalization;
using System.Net.Sockets;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>What a node has of Services when it starts anew, and what it says of ports that are its processes'.</summary>
[Collection(typeof(MachineWide))]
public sealed class NodeRestartTests(NodeRestartTests.Fixture fixture) : IClassFixture<NodeRestartTests.Fixture>
{
    private readonly ServiceLab lab = fixture.Lab;

    [Fact]
    public void Without_maps_and_without_the_API_server_Services_are_those_that_were_written_down()
    {
        var to = lab.Service("kept", "both")[0];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "web-1", "web-2");
        End(lab.Lab.AgentOf(1));
        lab.Lab.Weft("apiserver", "kill").Succeeded();
        lab.Lab.ExecOnNode(1, "rm", "-r", "/sys/fs/bpf/weft").Succeeded();
        lab.Lab.Weft("agent", "start", "--node", "1").Succeeded();
        Waiting.Eventually("entries in the new map", () => Entries() > 0);
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "web-1", "web-2");

        lab.Lab.Weft("apiserver", "start").Succeeded();
        var later = lab.Service("later", "both")[0];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, later), "web-1", "web-2");
    }

    [Fact]
    public async Task A_node_port_that_a_process_of_the_node_has_is_told_and_is_the_Services()
    {
        const int Port = 30777;
        var node = ServiceLab.AddressesOf(1)[0];
        var end = $"{lab.Lab.Directory}/taken.end";
        var serving = string.Create(
            CultureInfo.InvariantCulture,
            $"{WeftCommand.Path} probe serve --port {Port} --name process"
        );
        var listening = Task.Run(
            () =>
                lab.Lab.ExecOnNode(
                    1,
                    "timeout",
                    "90",
                    "bash",
                    "-c",
                    $"{serving} & until test -e {end}; do sleep 0.1; done; kill $!"
                ),
            TestContext.Current.CancellationToken
        );
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, node, Port), "process");
        lab.Service(
            "taken",
            "both",
            "NodePort",
            $$"""{"ports": [{"name": "tcp", "port": 80, "targetPort": {{ServiceLab.TargetPort}}, "nodePort": {{Port}}}]}"""
        );
        Waiting.Eventually(
            "an Event that names the port",
            () =>
                lab.Kubectl("get", "events", "--field-selector=reason=NodePortTaken", "-o=jsonpath={.items[*].message}")
                    .Contains($"On node node1: a process of the node has TCP port {Port}", StringComparison.Ordinal)
        );
        ServiceLab.Eventually(
            () => lab.FromOutside(ProtocolType.Tcp, node, Port),
            answer => answer.SeenAs is "web-1" or "web-2"
        );
        File.WriteAllText(end, "");
        await listening;
    }

    private long Entries()
    {
        using var pinned = PinnedMap.Open<ServiceKey, ServiceValue>(
            $"/proc/{lab.Lab.AgentOf(1)}/root/sys/fs/bpf/weft/services"
        );
        return pinned.Map.Count();
    }

    /// <summary>As a service manager ends it: it writes down what it knows.</summary>
    private static void End(int agent)
    {
        WeftCommand.Run("kill", ["-TERM", $"{agent}"]).Succeeded();
        Waiting.Eventually("the agent's end", () => !Directory.Exists($"/proc/{agent}/fd"));
    }

    public sealed class Fixture : IDisposable
    {
        internal ServiceLab Lab { get; } = new("vxlan");

        public void Dispose() => Lab.Dispose();
    }
}
