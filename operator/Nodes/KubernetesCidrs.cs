using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Operator.Metrics;
using Weft.Operator.Pools;
using Weft.Resources;

namespace Weft.Operator.Nodes;

/// <summary>The other source of nodes' prefixes: what kube-controller-manager wrote into Node.spec.podCIDRs.</summary>
internal sealed class KubernetesCidrs : IDisposable
{
    private const int Workers = 8;
    private readonly Watches watches;
    private readonly WeftNodeWriter writer;
    private readonly WorkQueue<string> queue = new();
    private readonly ReconcileLoop<string> loop;

    public KubernetesCidrs(KubernetesClient client, Watches watches, OperatorMetrics metrics, ILogger logger)
    {
        this.watches = watches;
        writer = new WeftNodeWriter(client);
        loop = new ReconcileLoop<string>("node-cidrs", queue, ReconcileAsync, metrics, logger);
        metrics.Pending("node-cidrs", () => queue.Count);
        watches.Nodes.Changed += change => AddIf(!NodeInputs.Same(change.Old, change.New), change.Key);
        watches.WeftNodes.Changed += change => AddIf(!NodeInputs.Same(change.Old, change.New), change.Key);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var node in watches.Nodes.List())
        {
            queue.Add(node.Metadata.Name!);
        }

        await loop.RunAsync(Workers, cancellation);
    }

    public void Dispose() => queue.Dispose();

    private void AddIf(bool changed, ObjectKey key)
    {
        if (changed)
        {
            queue.Add(key.Name);
        }
    }

    private async Task ReconcileAsync(string name, CancellationToken cancellation)
    {
        var key = new ObjectKey(null, name);
        if (watches.Nodes.Get(key) is { } node)
        {
            var weftNode = watches.WeftNodes.Get(key);
            await writer.WriteAsync(node, weftNode, FactsOf(node, weftNode), cancellation);
        }
    }

    private static NodeFacts FactsOf(Node node, WeftNode? weftNode)
    {
        var cidrs = NodeInputs.Prefixes(node.Spec?.PodCIDRs).Select(prefix => prefix.ToString()).ToList();
        return new NodeFacts(
            cidrs,
            Conditions.Of(
                weftNode?.Status?.Conditions,
                WeftNodeStatus.PodCidrsAllocated,
                cidrs.Count > 0,
                cidrs.Count > 0 ? "Allocated" : "NodeHasNone",
                cidrs.Count > 0
                    ? "copied from the Node's spec.podCIDRs"
                    : "the Node has no spec.podCIDRs; start kube-controller-manager with --allocate-node-cidrs, or set \"ipam\" to \"pool\"",
                null,
                DateTimeOffset.UtcNow
            )
        );
    }
}
