using Weft.Contracts;

namespace Weft.Lab;

/// <summary>What a lab is and how it does.</summary>
/// <param name="Directory">The lab's.</param>
/// <param name="Kubeconfig">How to reach its API server; null without Kubernetes.</param>
/// <param name="Stopped">Programs of the cluster that do not run.</param>
/// <param name="Outside">Addresses of the world.</param>
/// <param name="Nodes">Its nodes.</param>
/// <param name="Pods">Their pods.</param>
public sealed record LabStatus(
    string Directory,
    string? Kubeconfig,
    IReadOnlyList<string> Stopped,
    IReadOnlyList<string> Outside,
    IReadOnlyList<LabNodeStatus> Nodes,
    IReadOnlyList<LabPodStatus> Pods
)
{
    public static LabStatus Of(LabDirectory lab) =>
        new(
            lab.Root,
            lab.HasKubernetes ? lab.Kubeconfig : null,
            lab.HasKubernetes ? [.. ControlPlane.Of(lab).Where(p => !p.IsRunning).Select(p => p.Name)] : [],
            [.. AddressPlan.World.Select(w => w.ToString())],
            [.. lab.NodeNumbers().Select(n => LabNodeStatus.Of(lab.Node(n)))],
            [.. lab.PodNames().Select(p => LabPodStatus.Of(lab.Pod(p)))]
        );
}

/// <summary>One node.</summary>
/// <param name="PodCidrs">With Kubernetes those that the agent has been given; none while it does not answer.</param>
/// <param name="Problem">Why the agent does not serve, or null when it does.</param>
/// <param name="State">What the agent says of itself, when it answers.</param>
public sealed record LabNodeStatus(
    string Name,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<string> PodCidrs,
    string? Problem,
    AgentState? State
)
{
    internal static LabNodeStatus Of(NodeFiles node)
    {
        var state = LabNode.Ask(node, AgentVerb.State).State;
        return new LabNodeStatus(
            node.Name,
            [.. AddressPlan.OfNode(node.Number).Select(a => a.Address.ToString())],
            node.Lab.HasKubernetes
                ? state?.PodCidrs ?? []
                : [.. AddressPlan.PodCidrsOf(node.Number).Select(c => c.ToString())],
            LabNode.Ask(node, AgentVerb.Status).Error?.Message,
            state
        );
    }
}

/// <summary>One pod.</summary>
public sealed record LabPodStatus(
    string Name,
    string Node,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<string> Command
)
{
    internal static LabPodStatus Of(PodFiles pod)
    {
        var record = LabPod.Load(pod);
        return new LabPodStatus(pod.Name.ToString(), pod.Lab.Node(record.Node).Name, record.Addresses, record.Command);
    }
}
