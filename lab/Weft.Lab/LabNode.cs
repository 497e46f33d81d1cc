using System.Globalization;
using Weft.Contracts;
using Weft.Lab.Linux;
using Weft.Netlink;

namespace Weft.Lab;

/// <summary>A node: a network namespace, a mount namespace, and the agent in them with its default paths.</summary>
internal static class LabNode
{
    /// <summary>The network's name in the CNI configuration.</summary>
    public const string Network = "weft";

    private const string BpfFileSystem = "/sys/fs/bpf";
    private const string Cgroups = "/sys/fs/cgroup";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(5);

    public static void Create(NodeFiles node, RoutingMode routing)
    {
        foreach (var directory in new[] { node.Run, node.Sysfs, node.CniConfig, node.State })
        {
            Directory.CreateDirectory(directory);
        }

        LabJson.Save(
            node.Config,
            node.Lab.HasKubernetes ? KubernetesConfig(node, routing) : FileConfig(node, routing),
            LabJson.Default.AgentConfig
        );
        Underlay.CreateNode(node);
        using var network = NetworkNamespace.Open(node.Netns);
        MountNamespace.Create(node.MountNamespace, network, () => ArrangeMounts(node));
    }

    public static LabProcess Agent(NodeFiles node) =>
        new(
            $"the agent of {node.Name}",
            node.Cgroup.Child("agent"),
            node.Log,
            LabNamespaces.Of(node),
            [Programs.Agent, "--config", node.Config]
        );

    /// <summary>In the machine's mount namespace: the pods' networks that it pins are to be seen in all of the lab.</summary>
    public static LabProcess Kubelet(NodeFiles node) =>
        new(
            $"the kubelet of {node.Name}",
            node.Cgroup.Child("kubelet"),
            node.KubeletLog,
            LabNamespaces.Of(node) with
            {
                MountNamespace = null,
            },
            [
                Programs.Daemon,
                "kubelet",
                "--dir",
                node.Lab.Root,
                "--node",
                node.Number.ToString(CultureInfo.InvariantCulture),
                "--kubeconfig",
                node.Lab.NodesKubeconfig,
            ]
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
                throw Agent(node).Failed("ended while it started");
            }

            if (DateTime.UtcNow > giveUp)
            {
                throw Agent(node).Failed($"does not serve after {StartPatience.TotalSeconds} s ({problem.Message})");
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

    private static AgentConfig KubernetesConfig(NodeFiles node, RoutingMode routing) =>
        new(
            node.Name,
            routing,
            Kubernetes: new AgentKubernetes(node.Lab.NodesKubeconfig),
            StateDirectory: node.State,
            CniConfigDirectory: node.CniConfig,
            ServiceCidrs: node.Lab.HasOwnApiServer ? [.. AddressPlan.ServiceCidrs.Select(p => p.ToString())] : null,
            CgroupRoot: node.Cgroup.Path
        );

    /// <summary>The node's own prefixes, and a file by which the others find it.</summary>
    private static AgentConfig FileConfig(NodeFiles node, RoutingMode routing)
    {
        var cidrs = AddressPlan.PodCidrsOf(node.Number).Select(p => p.ToString()).ToList();
        var addresses = AddressPlan.OfNode(node.Number).Select(p => p.Address.ToString()).ToList();
        LabJson.Save(node.Peer, new PeerState(node.Name, addresses, cidrs), LabJson.Default.PeerState);
        return new AgentConfig(node.Name, routing, cidrs, node.Lab.Peers);
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
}
