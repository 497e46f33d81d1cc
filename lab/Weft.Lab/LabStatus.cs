using Weft.Contracts;

namespace Weft.Lab;

/// <summary>What a lab is and how it does.</summary>
public sealed record LabStatus(
    string Directory,
    IReadOnlyList<string> Outside,
    IReadOnlyList<NodeStatus> Nodes,
    IReadOnlyList<PodStatus> Pods
)
{
    public static LabStatus Of(LabDirectory lab) =>
        new(
            lab.Root,
            [.. AddressPlan.World.Select(w => w.ToString())],
            [.. lab.NodeNumbers().Select(n => NodeStatus.Of(lab.Node(n)))],
            [.. lab.PodNames().Select(p => PodStatus.Of(lab.Pod(p)))]
        );
}

/// <summary>One node.</summary>
/// <param name="Problem">Why the agent does not serve, or null when it does.</param>
/// <param name="State">What the agent says of itself, when it answers.</param>
public sealed record NodeStatus(
    string Name,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<string> PodCidrs,
    string? Problem,
    AgentState? State
)
{
    internal static NodeStatus Of(NodeFiles node) =>
        new(
            node.Name,
            [.. AddressPlan.OfNode(node.Number).Select(a => a.Address.ToString())],
            [.. AddressPlan.PodCidrsOf(node.Number).Select(c => c.ToString())],
            Node.Ask(node, AgentVerb.Status).Error?.Message,
            Node.Ask(node, AgentVerb.State).State
        );
}

/// <summary>One pod.</summary>
public sealed record PodStatus(string Name, string Node, IReadOnlyList<string> Addresses, IReadOnlyList<string> Command)
{
    internal static PodStatus Of(PodFiles pod)
    {
        var record = Pod.Load(pod);
        return new PodStatus(pod.Name.ToString(), pod.Lab.Node(record.Node).Name, record.Addresses, record.Command);
    }
}
