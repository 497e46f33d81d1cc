using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Operator.Configuration;
using Weft.Operator.Identities;
using Weft.Operator.LoadBalancers;
using Weft.Operator.Metrics;
using Weft.Operator.Nodes;
using Weft.Operator.Policies;
using Weft.Operator.Pools;

namespace Weft.Operator;

/// <summary>All that the operator does to the cluster: following it, which every replica does, and the writing.</summary>
internal sealed class ControlLoops : IDisposable
{
    private readonly Watches watches;
    private readonly IdentityReconciler identities;
    private readonly DepartedNodes departed;
    private readonly PolicyReports policies;
    private readonly LoadBalancerReconciler loadBalancers;
    private readonly PoolReconciler? pools;
    private readonly KubernetesCidrs? nodeCidrs;

    public ControlLoops(
        KubernetesClient client,
        OperatorSettings settings,
        EventRecorder events,
        OperatorMetrics metrics,
        ILogger logger
    )
    {
        watches = new Watches(client);
        identities = new IdentityReconciler(client, watches, settings, metrics, logger);
        departed = new DepartedNodes(client, watches, metrics, logger);
        policies = new PolicyReports(watches, events, metrics, logger);
        loadBalancers = new LoadBalancerReconciler(client, watches, events, metrics, logger);
        if (settings.Ipam == Ipam.Pool)
        {
            pools = new PoolReconciler(client, watches, settings, events, metrics, logger);
        }
        else
        {
            nodeCidrs = new KubernetesCidrs(client, watches, metrics, logger);
        }
    }

    /// <summary>Whether all caches are full: it could lead at once.</summary>
    public bool HasSynced => watches.HasSynced;

    /// <summary>Keeps the caches, until cancelled.</summary>
    public Task FollowAsync(CancellationToken cancellation) =>
        Together.RunAsync(cancellation, watches.RunAsync, identities.FollowPoliciesAsync);

    /// <summary>Makes the cluster right and keeps it so, until cancelled. Needs <see cref="FollowAsync"/> beside it.</summary>
    public async Task LeadAsync(CancellationToken cancellation)
    {
        await watches.SyncedAsync(cancellation);
        await Together.RunAsync(
            cancellation,
            identities.RunAsync,
            departed.RunAsync,
            policies.RunAsync,
            loadBalancers.RunAsync,
            GiveCidrsAsync
        );
    }

    public void Dispose()
    {
        identities.Dispose();
        departed.Dispose();
        policies.Dispose();
        loadBalancers.Dispose();
        pools?.Dispose();
        nodeCidrs?.Dispose();
    }

    private Task GiveCidrsAsync(CancellationToken cancellation) =>
        pools?.RunAsync(cancellation) ?? nodeCidrs!.RunAsync(cancellation);
}
