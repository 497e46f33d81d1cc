using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Operator.Nodes;

/// <summary>What the operator says of a node.</summary>
internal sealed record NodeFacts(IReadOnlyList<string> PodCidrs, Condition Allocated);

/// <summary>Writes the operator's part of WeftNodes, where it differs from what is there.</summary>
internal sealed class WeftNodeWriter(KubernetesClient client)
{
    /// <summary>Makes one node's right. The WeftNode is made when it is not there.</summary>
    public async Task WriteAsync(Node node, WeftNode? now, NodeFacts facts, CancellationToken cancellation)
    {
        if (now is null || !IsRight(now, node, facts))
        {
            now = await client.ApplyAsync(
                WeftResources.Nodes,
                Wanted(node, facts),
                WeftGroup.OperatorManager,
                force: true,
                cancellation
            );
        }

        if (!Conditions.Has(now.Status?.Conditions, facts.Allocated))
        {
            await client.ApplyAsync(
                WeftResources.Nodes,
                new WeftNode
                {
                    Metadata = new ObjectMeta { Name = node.Metadata.Name },
                    Status = new WeftNodeStatus { Conditions = [facts.Allocated] },
                },
                WeftGroup.OperatorManager,
                force: true,
                cancellation,
                subresource: "status"
            );
        }
    }

    /// <summary>The node that owns it by uid: one that was made again under its name must not lose its WeftNode.</summary>
    private static OwnerReference Owner(Node node) =>
        new()
        {
            ApiVersion = "v1",
            Kind = "Node",
            Name = node.Metadata.Name!,
            Uid = node.Metadata.Uid!,
        };

    private static WeftNode Wanted(Node node, NodeFacts facts) =>
        new()
        {
            Metadata = new ObjectMeta { Name = node.Metadata.Name, OwnerReferences = [Owner(node)] },
            Spec = new WeftNodeSpec { PodCidrs = facts.PodCidrs },
        };

    private static bool IsRight(WeftNode now, Node node, NodeFacts facts) =>
        (now.Spec?.PodCidrs ?? []).SequenceEqual(facts.PodCidrs)
        && (now.Metadata.OwnerReferences ?? []).Any(owner => owner.Uid == node.Metadata.Uid);
}
