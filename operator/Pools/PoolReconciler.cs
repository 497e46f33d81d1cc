using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Operator.Configuration;
using Weft.Operator.Metrics;
using Weft.Operator.Nodes;
using Weft.Resources;

namespace Weft.Operator.Pools;

/// <summary>
/// Gives nodes their blocks out of pools. One pass looks at everything, so that a thousand nodes that come at once are
/// a few writes of the pool:
/// <list type="number">
/// <item>Plan from the caches.</item>
/// <item>Write each pool's status that the plan changes, on the condition that the pool is still what was read. A pass
/// that loses ends here and begins again with what the other one wrote.</item>
/// <item>Only now write the nodes.</item>
/// </list>
/// Killed between any two writes, the next pass finds the blocks in the statuses and goes on from there.
/// </summary>
internal sealed partial class PoolReconciler : IDisposable
{
    private const string Everything = "all";
    private const int NodeWrites = 8;
    private static readonly TimeSpan AfterRest = TimeSpan.FromSeconds(1);
    private readonly KubernetesClient client;
    private readonly Watches watches;
    private readonly OperatorSettings settings;
    private readonly EventRecorder events;
    private readonly ILogger logger;
    private readonly WeftNodeWriter writer;
    private readonly WorkQueue<string> queue = new();
    private readonly ReconcileLoop<string> loop;

    public PoolReconciler(
        KubernetesClient client,
        Watches watches,
        OperatorSettings settings,
        EventRecorder events,
        OperatorMetrics metrics,
        ILogger logger
    )
    {
        this.client = client;
        this.watches = watches;
        this.settings = settings;
        this.events = events;
        this.logger = logger;
        writer = new WeftNodeWriter(client);
        loop = new ReconcileLoop<string>(
            "pools",
            queue,
            (_, cancellation) => ReconcileAsync(cancellation),
            metrics,
            logger
        );
        metrics.Pending("pools", () => queue.Count);
        metrics.Gauge("weft_operator_pool_blocks_used", "Blocks that are given away.", () => Sum(s => s.Used ?? 0));
        metrics.Gauge("weft_operator_pool_blocks_free", "Blocks that can be given.", () => Sum(s => s.Free ?? 0));
        watches.Pools.Changed += _ => queue.Add(Everything);
        watches.Nodes.Changed += change => AddIf(!NodeInputs.Same(change.Old, change.New));
        watches.WeftNodes.Changed += change => AddIf(!NodeInputs.Same(change.Old, change.New));
        watches.Services.Changed += change => AddIf(NodeInputs.Concerns(change, watches.Pools.List()));
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        queue.Add(Everything);
        await loop.RunAsync(workers: 1, cancellation);
    }

    public void Dispose() => queue.Dispose();

    private void AddIf(bool changed)
    {
        if (changed)
        {
            queue.Add(Everything);
        }
    }

    private async Task ReconcileAsync(CancellationToken cancellation)
    {
        if (await MakeDefaultAsync(cancellation))
        {
            return;
        }

        var now = DateTimeOffset.UtcNow;
        var nodes = watches.Nodes.List().ToDictionary(node => node.Metadata.Name!);
        var weftNodes = watches.WeftNodes.List().ToDictionary(node => node.Metadata.Name!);
        var plan = BlockPlan.Make(
            new BlockInputs(
                watches.Pools.List(),
                nodes.Keys,
                weftNodes.ToDictionary(node => node.Key, node => NodeInputs.ClaimsOf(node.Value)),
                NodeInputs.UsedAddresses(nodes.Values, watches.Services.List()),
                settings.BlockCoolDown,
                now
            )
        );
        foreach (var outcome in plan.Pools)
        {
            await WriteAsync(outcome, now, cancellation);
        }

        await Parallel.ForEachAsync(
            plan.Nodes,
            new ParallelOptions { MaxDegreeOfParallelism = NodeWrites, CancellationToken = cancellation },
            async (entry, stop) =>
            {
                var weftNode = weftNodes.GetValueOrDefault(entry.Key);
                await writer.WriteAsync(nodes[entry.Key], weftNode, FactsOf(entry.Value, weftNode, now), stop);
            }
        );
        if (plan.NextRelease is { } next)
        {
            queue.AddAfter(Everything, next - now + AfterRest);
        }
    }

    /// <summary>Makes the pool of the configuration when there is none at all; its event brings the next pass.</summary>
    private async Task<bool> MakeDefaultAsync(CancellationToken cancellation)
    {
        if (settings.ClusterPodCidrs.Count == 0 || watches.Pools.List().Count > 0)
        {
            return false;
        }

        try
        {
            var pool = await client.CreateAsync(
                WeftResources.IPPools,
                DefaultPool.Of(settings.ClusterPodCidrs),
                cancellation
            );
            LogDefault(pool.Metadata.Name!, string.Join(", ", settings.ClusterPodCidrs));
        }
        catch (KubernetesException e) when (e.IsAlreadyExists)
        {
            // The cache is behind.
        }

        return true;
    }

    private async Task WriteAsync(PoolOutcome outcome, DateTimeOffset now, CancellationToken cancellation)
    {
        var status = PoolStatus.Of(outcome, now);
        if (PoolStatus.Same(outcome.Pool.Status, status))
        {
            return;
        }

        // With the resourceVersion that was read: of two writers one loses.
        await client.ReplaceAsync(
            WeftResources.IPPools,
            outcome.Pool with
            {
                Status = status,
            },
            cancellation,
            subresource: "status"
        );
        foreach (var condition in status.Conditions!.Where(c => c.Type != WeftIPPoolStatus.Ready && c.Status == "True"))
        {
            if (!Conditions.Has(outcome.Pool.Status?.Conditions, condition))
            {
                events.Warning(WeftResources.IPPools, outcome.Pool, condition.Reason!, "Allocate", condition.Message!);
            }
        }
    }

    private static NodeFacts FactsOf(NodeShare share, WeftNode? node, DateTimeOffset now)
    {
        var (ok, reason, message) =
            share.Lacks.Count > 0
                ? (
                    false,
                    "NoFreeBlock",
                    $"no pool has a free {string.Join(" or ", share.Lacks)} block; add a range to one"
                )
            : share.PodCidrs.Count == 0
                ? (false, "NoPool", "there is no WeftIPPool with a range that can be used; make one")
            : (true, "Allocated", "the node has a block of each family that the pools have");
        return new NodeFacts(
            [.. share.PodCidrs.Select(prefix => prefix.ToString())],
            Conditions.Of(node?.Status?.Conditions, WeftNodeStatus.PodCidrsAllocated, ok, reason, message, null, now)
        );
    }

    private double Sum(Func<WeftIPPoolStatus, double> of) =>
        watches.Pools.List().Sum(pool => pool.Status is { } status ? of(status) : 0);

    [LoggerMessage(LogLevel.Information, "There was no WeftIPPool: {Pool} is made with {Cidrs}")]
    private partial void LogDefault(string pool, string cidrs);
}
