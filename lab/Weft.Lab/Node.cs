using Weft.Contracts;
using Weft.Lab.Linux;
using Weft.Netlink;

namespace Weft.Lab;

/// <summary>A node: a network namespace, a mount namespace, and the agent in them with its default paths.</summary>
internal static class Node
{
    /// <summary>The network's name in the CNI configuration.</summary>
    public const string Network = "weft";

    private const string BpfFileSystem = "/sys/fs/bpf";
    private const string Cgroups = "/sys/fs/cgroup";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(5);

    public static void Create(NodeFiles node, RoutingMode routing)
    {
        Directory.CreateDirectory(node.Run);
        Directory.CreateDirectory(node.Sysfs);
        var cidrs = AddressPlan.PodCidrsOf(node.Number).Select(p => p.ToString()).ToList();
        var addresses = AddressPlan.OfNode(node.Number).Select(p => p.Address.ToString()).ToList();
        LabJson.Save(
            node.Config,
            new AgentConfig(node.Name, cidrs, routing, node.Lab.Peers),
            LabJson.Default.AgentConfig
        );
        LabJson.Save(node.Peer, new PeerState(node.Name, addresses, cidrs), LabJson.Default.PeerState);

        Underlay.CreateNode(node);
        using var network = NetworkNamespace.Open(node.Netns);
        MountNamespace.Create(node.MountNamespace, network, () => ArrangeMounts(node));
    }

    public static DetachedProcess StartAgent(NodeFiles node) =>
        LabNamespaces.Of(node).Run(() => DetachedProcess.Start([Programs.Agent, "--config", node.Config], node.Log));

    /// <summary>Ends the node's agent, whoever started it.</summary>
    public static void KillAgent(NodeFiles node) =>
        ProcessTable.KillInside(
            MountTable.Below(node.Netns).Select(m => m.Root).ToHashSet(),
            pid => new FileInfo($"/proc/{pid}/exe").LinkTarget == Programs.Agent
        );

    /// <summary>Returns once the agent serves.</summary>
    /// <exception cref="LabException">It ended, or took too long.</exception>
    public static void WaitForAgent(NodeFiles node, DetachedProcess agent, CancellationToken cancel)
    {
        var giveUp = DateTime.UtcNow + StartPatience;
        while (Ask(node, AgentVerb.Status).Error is { } problem)
        {
            cancel.ThrowIfCancellationRequested();
            if (agent.HasEnded())
            {
                throw new LabException(
                    $"the agent of {node.Name} ended while it started; its log says:\n{LogTail(node)}"
                );
            }

            if (DateTime.UtcNow > giveUp)
            {
                throw new LabException(
                    $"the agent of {node.Name} does not serve after {StartPatience.TotalSeconds} s ({problem.Message}); its log says:\n{LogTail(node)}"
                );
            }

            Thread.Sleep(10);
        }
    }

    /// <summary>Calls the node's agent; an agent that cannot be reached is an error like those it answers.</summary>
    public static AgentResponse Ask(NodeFiles node, AgentVerb verb)
    {
        try
        {
            using var channel = AgentChannel.Connect(node.Socket, CallPatience);
            return channel.Call(new AgentRequest(verb, Network), descriptor: null);
        }
        catch (IOException e)
        {
            return new AgentResponse(new AgentError(CniErrorCode.NotAvailable, $"no answer: {e.Message}"));
        }
    }

    /// <summary>Runs inside of the new mount namespace.</summary>
    private static void ArrangeMounts(NodeFiles node)
    {
        // A sysfs shows the links of the network namespace it was mounted in. It is put together aside, for /sys covers
        // the cgroups it must keep.
        Mounts.New("sysfs", node.Sysfs);
        Mounts.BindTree(Cgroups, node.Sysfs + Cgroups["/sys".Length..]);
        Mounts.New("bpf", node.Sysfs + BpfFileSystem["/sys".Length..]);
        Mounts.Move(node.Sysfs, "/sys");

        // A /run of its own, so that a node has the paths a machine has and nothing of them is made on this one.
        Mounts.New("tmpfs", "/run");
        Directory.CreateDirectory(WeftPaths.RunDirectory);
        Mounts.Bind(node.Run, WeftPaths.RunDirectory);
    }

    private static string LogTail(NodeFiles node) =>
        File.Exists(node.Log) ? string.Join('\n', File.ReadLines(node.Log).TakeLast(15)) : "(nothing)";
}
