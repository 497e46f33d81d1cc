using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Weft.Contracts;
using Weft.Net;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>A lab of two nodes: pods a and b on the first, pod c on the second.</summary>
internal sealed class TwoNodes : IDisposable
{
    private static readonly TimeSpan AgentPatience = TimeSpan.FromSeconds(10);
    private readonly LabUnderTest lab;

    private TwoNodes(LabUnderTest lab)
    {
        this.lab = lab;
        A = RunPod("a", 1);
        B = RunPod("b", 1);
        C = RunPod("c", 2);
        Outside = new Machine("outside", Netns("outside"), Ip.Parse("198.51.100.1"), Ip.Parse("2001:db8:ffff::1"));
        Nodes = [.. Enumerable.Range(1, 2).Select(Node)];
    }

    public static TwoNodes Up(string routing)
    {
        var lab = LabUnderTest.Up(nodes: 2, routing);
        try
        {
            return new TwoNodes(lab);
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    public string Directory => lab.Directory;

    public Machine A { get; }

    public Machine B { get; }

    public Machine C { get; }

    public Machine Outside { get; }

    /// <summary>The first node has pods a and b, the second has c.</summary>
    public IReadOnlyList<Machine> Nodes { get; }

    public Machine RunPod(string name, int node)
    {
        var addresses = lab.RunPod($"default/{name}", node);
        return new Machine(name, Netns($"pod_default_{name}"), Ip.Parse(addresses[0]), Ip.Parse(addresses[1]));
    }

    /// <summary>Pods a, b and c, for tests that want the nodes empty.</summary>
    public void DeletePods()
    {
        foreach (var pod in (Machine[])[A, B, C])
        {
            lab.Weft("delete", $"default/{pod}").Succeeded();
        }
    }

    public AgentState State(int node)
    {
        using var channel = AgentChannel.Connect(
            Path.Combine(Directory, "nodes", $"node{node}", "run", WeftPaths.SocketName),
            AgentPatience
        );
        return channel.Call(new AgentRequest(AgentVerb.State), descriptor: null).State!;
    }

    /// <summary>Packets the node dropped for this reason so far.</summary>
    public long Drops(int node, string reason) =>
        (long)(State(node).Drops.FirstOrDefault(drop => drop.Reason == reason)?.Packets ?? 0);

    public string AgentLog(int node) => File.ReadAllText(Path.Combine(Directory, "nodes", $"node{node}", "agent.log"));

    public string PeerFile(int node) => Path.Combine(Directory, "peers", $"node{node}.json");

    public void KillAgent(int node) => lab.Weft("agent", "kill", "--node", Text(node)).Succeeded();

    public void StartAgent(int node) => lab.Weft("agent", "start", "--node", Text(node)).Succeeded();

    public void Dispose()
    {
        foreach (var machine in (Machine[])[A, B, C, Outside, .. Nodes])
        {
            machine.Dispose();
        }

        lab.Dispose();
    }

    private Machine Node(int number) =>
        new($"node{number}", Netns($"node{number}"), Ip.Parse($"192.0.2.1{number}"), Ip.Parse($"fd00:c0::1{number}"));

    private string Netns(string name) => Path.Combine(Directory, "netns", name);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A lab for each way packets get from node to node, started when a test first asks for it.</summary>
public sealed class SharedLabs : IDisposable
{
    private readonly Dictionary<string, TwoNodes> labs = [];

    internal TwoNodes this[string routing] =>
        labs.TryGetValue(routing, out var lab) ? lab : labs[routing] = TwoNodes.Up(routing);

    public void Dispose()
    {
        foreach (var lab in labs.Values)
        {
            lab.Dispose();
        }
    }
}

/// <summary>Tests that leave the lab as they found it. One at a time: they count drops.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class InSharedLabs : ICollectionFixture<SharedLabs>;

/// <summary>Each way packets get from node to node, with each family.</summary>
public sealed class RoutingsAndFamilies : TheoryData<string, AddressFamily>
{
    public RoutingsAndFamilies()
    {
        foreach (var routing in (string[])["vxlan", "native"])
        {
            Add(routing, AddressFamily.InterNetwork);
            Add(routing, AddressFamily.InterNetworkV6);
        }
    }
}
