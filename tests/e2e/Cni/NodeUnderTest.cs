using System.Diagnostics;
using System.Text.Json.Nodes;
using Weft.Contracts;
using Weft.Netlink;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.Cni;

/// <summary>A lab of one node: the real agent, and the plugin called beside it as a runtime calls it.</summary>
public sealed class NodeUnderTest : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly LabUnderTest lab = LabUnderTest.Up(nodes: 1);

    /// <summary>Where pods' namespaces are pinned: below the lab, so that the node sees them and the lab's end takes them.</summary>
    internal string Netns => $"{lab.Directory}/netns";

    private string Config => $"{lab.Directory}/nodes/node1/agent.json";

    private string RunDirectory => $"{lab.Directory}/nodes/node1/run";

    public void Dispose() => lab.Dispose();

    /// <summary>Waits for what the agent does on its own; fails when it does not come.</summary>
    internal static void Eventually(string what, Func<bool> isSo)
    {
        var waited = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(waited.Elapsed < Patience, $"not after {Patience.TotalSeconds} s: {what}");
            Thread.Sleep(20);
        }
    }

    /// <summary>Runs a program in the node's namespaces, with this environment and no other.</summary>
    internal PluginAnswer Run(string program, IReadOnlyDictionary<string, string> environment, string input) =>
        PluginBinary.Run("nsenter", InNode(program), environment, input);

    /// <summary>nsenter's arguments for a program in the node; nsenter becomes it, under the same process number.</summary>
    internal string[] InNode(params string[] command) =>
        [$"--net={lab.Directory}/netns/node1", $"--mount={lab.Directory}/mntns/node1", .. command];

    /// <summary>What a command run on the node prints.</summary>
    internal string OnNode(params string[] command) => lab.ExecOnNode(1, command).Succeeded();

    /// <summary>Runs a command on the host outside of the cluster.</summary>
    internal Outcome Outside(params string[] command) => lab.Weft("exec", ["--outside", "--", .. command]);

    internal void KillAgent() => lab.Weft("agent", "kill", "--node", "1").Succeeded();

    internal void StartAgent() => lab.Weft("agent", "start", "--node", "1").Succeeded();

    internal void RestartAgent()
    {
        KillAgent();
        StartAgent();
    }

    /// <summary>Starts the agent again with keys of its configuration changed.</summary>
    internal void RestartAgent(params (string Key, JsonNode Value)[] changes)
    {
        KillAgent();
        var config = JsonNode.Parse(File.ReadAllText(Config))!.AsObject();
        foreach (var (key, value) in changes)
        {
            config[key] = value;
        }

        File.WriteAllText(Config, config.ToJsonString());
        StartAgent();
    }

    internal AgentState State() => Ask(new AgentRequest(AgentVerb.State)).State!;

    /// <summary>Fails when a test that passed has left something. What one that failed has left, it takes away.</summary>
    internal void IsAsBefore(NodeContents before)
    {
        if (TestContext.Current.TestState?.Result != TestResult.Failed)
        {
            Assert.Equal(before, Contents());
            return;
        }

        foreach (var endpoint in State().Endpoints)
        {
            Ask(new AgentRequest(AgentVerb.Del, "weft", endpoint.Id));
        }
    }

    /// <summary>What pods leave on a node, as of now.</summary>
    internal NodeContents Contents()
    {
        using var node = NetworkNamespace.Open($"{Netns}/node1");
        using var routes = RouteSocket.Open(node);
        var state = State();
        return new NodeContents(
            Lines(routes.Links().Select(link => link.Name)),
            Lines(state.Endpoints.Select(endpoint => endpoint.ToString())),
            Lines(state.Addresses.Select(pool => $"{pool.Prefix}: {pool.Used} used")),
            // The map of flows forgets by itself, when it needs the room: its entries are no pod's.
            Lines(state.Maps.Where(map => map.Name is not ("flows" or "nat")).Select(map => map.ToString())),
            // An address that rests has a file, which goes when the address has rested.
            Lines(
                Directory
                    .EnumerateFiles(RunDirectory, "*", SearchOption.AllDirectories)
                    .Where(path => !path.StartsWith($"{RunDirectory}/resting/", StringComparison.Ordinal))
            ),
            Lines(Directory.EnumerateFileSystemEntries(Netns))
        );
    }

    /// <summary>A connection to the agent, as the plugin makes it.</summary>
    internal AgentChannel Connect() => AgentChannel.Connect($"{RunDirectory}/{WeftPaths.SocketName}", Patience);

    private AgentResponse Ask(AgentRequest request)
    {
        using var channel = Connect();
        return channel.Call(request, descriptor: null);
    }

    private static string Lines(IEnumerable<string> all) => string.Join('\n', all.Order(StringComparer.Ordinal));
}

/// <summary>Everything of a pod's that a node could keep; equal before and after.</summary>
internal sealed record NodeContents(
    string Links,
    string Endpoints,
    string Addresses,
    string Maps,
    string Files,
    string Namespaces
);
