using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Operator.Metrics;
using Weft.Resources;

namespace Weft.Operator.Nodes;

/// <summary>
/// Removes what a node that is gone leaves behind: its WeftNode and its endpoint slices. Owner references would do it
/// too, but a garbage collector that lags must not keep other nodes sending to addresses that are nobody's.
/// </summary>
internal sealed partial class DepartedNodes : IDisposable
{
    private const int Workers = 4;
    private readonly KubernetesClient client;
    private readonly Watches watches;
    private readonly ILogger logger;
    private readonly WorkQueue<string> queue = new();
    private readonly ReconcileLoop<string> loop;

    public DepartedNodes(KubernetesClient client, Watches watches, OperatorMetrics metrics, ILogger logger)
    {
        this.client = client;
        this.watches = watches;
        this.logger = logger;
        loop = new ReconcileLoop<string>("departed-nodes", queue, ReconcileAsync, metrics, logger);
        metrics.Pending("departed-nodes", () => queue.Count);
        watches.Nodes.Changed += change => AddIfGone(change.Key.Name);
        watches.WeftNodes.Changed += change => AddIfGone(change.Key.Name);
        watches.EndpointSlices.Changed += change => AddIfGone(change.New?.NodeName);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        var named = watches
            .WeftNodes.List()
            .Select(node => node.Metadata.Name)
            .Concat(watches.EndpointSlices.List().Select(slice => slice.NodeName));
        foreach (var name in named.Distinct())
        {
            AddIfGone(name);
        }

        await loop.RunAsync(Workers, cancellation);
    }

    public void Dispose() => queue.Dispose();

    private void AddIfGone(string? node)
    {
        if (node is not null && watches.Nodes.HasSynced && watches.Nodes.Get(new ObjectKey(null, node)) is null)
        {
            queue.Add(node);
        }
    }

    private async Task ReconcileAsync(string node, CancellationToken cancellation)
    {
        var key = new ObjectKey(null, node);
        var weftNode = watches.WeftNodes.Get(key);
        var slices = watches.SlicesOf(node);
        if (
            (weftNode is null && slices.Count == 0)
            || watches.Nodes.Get(key) is not null
            // The cache may be behind: an agent may have been faster to write than the node's event to arrive here.
            || await client.FindAsync(Kinds.Nodes, key, cancellation) is not null
        )
        {
            return;
        }

        foreach (var slice in slices)
        {
            await DeleteAsync(WeftResources.EndpointSlices, slice, cancellation);
        }

        if (weftNode is not null)
        {
            await DeleteAsync(WeftResources.Nodes, weftNode, cancellation);
        }

        LogRemoved(node, slices.Count);
    }

    private async Task DeleteAsync<T>(Resource<T> resource, T obj, CancellationToken cancellation)
        where T : class, IKubernetesObject
    {
        try
        {
            await client.DeleteAsync(
                resource,
                ObjectKey.Of(obj),
                new DeleteOptions { Uid = obj.Metadata.Uid },
                cancellation
            );
        }
        catch (KubernetesException e) when (e.IsNotFound)
        {
            // The garbage collector was faster.
        }
    }

    [LoggerMessage(LogLevel.Information, "Node {Node} is gone: its WeftNode and {Slices} endpoint slices are removed")]
    private partial void LogRemoved(string node, int slices);
}
