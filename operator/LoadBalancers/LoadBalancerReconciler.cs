using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Operator.Metrics;
using Weft.Operator.Nodes;
using Weft.Operator.Pools;
using Weft.Resources;

namespace Weft.Operator.LoadBalancers;

/// <summary>
/// Gives Services of type LoadBalancer their addresses: writes them into their statuses, which is all the record there
/// is. One pass looks at everything. A Service is written on the condition that it is still what was read.
/// </summary>
internal sealed class LoadBalancerReconciler : IDisposable
{
    private const string Everything = "all";
    private readonly KubernetesClient client;
    private readonly Watches watches;
    private readonly EventRecorder events;
    private readonly WorkQueue<string> queue = new();
    private readonly ReconcileLoop<string> loop;

    public LoadBalancerReconciler(
        KubernetesClient client,
        Watches watches,
        EventRecorder events,
        OperatorMetrics metrics,
        ILogger logger
    )
    {
        this.client = client;
        this.watches = watches;
        this.events = events;
        loop = new ReconcileLoop<string>(
            "load balancers",
            queue,
            (_, cancellation) => ReconcileAsync(cancellation),
            metrics,
            logger
        );
        metrics.Pending("load balancers", () => queue.Count);
        watches.LoadBalancerPools.Changed += _ => queue.Add(Everything);
        watches.Pools.Changed += _ => queue.Add(Everything);
        watches.Nodes.Changed += change =>
        {
            if (!NodeInputs.Same(change.Old, change.New))
            {
                queue.Add(Everything);
            }
        };
        watches.Services.Changed += change =>
        {
            if (IsOfInterest(change.Old) || IsOfInterest(change.New))
            {
                queue.Add(Everything);
            }
        };
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        queue.Add(Everything);
        await loop.RunAsync(workers: 1, cancellation);
    }

    public void Dispose() => queue.Dispose();

    private static bool IsOfInterest(Service? service) => service?.Spec?.Type == "LoadBalancer" || WasGiven(service);

    /// <summary>Whether it has, or had, something from here.</summary>
    private static bool WasGiven(Service? service) =>
        service?.Status?.Conditions?.Any(condition => condition.Type == WeftLoadBalancerPool.Allocated) == true;

    private async Task ReconcileAsync(CancellationToken cancellation)
    {
        var now = DateTimeOffset.UtcNow;
        var services = watches.Services.List();
        var plan = AddressPlan.Make(
            watches.LoadBalancerPools.List(),
            watches.Pools.List(),
            NodeInputs.UsedAddresses(watches.Nodes.List(), services),
            services
        );
        foreach (var share in plan.Services)
        {
            await WriteAsync(share, now, cancellation);
        }

        var wanted = plan.Services.Select(share => ObjectKey.Of(share.Service)).ToHashSet();
        foreach (var service in services.Where(s => WasGiven(s) && !wanted.Contains(ObjectKey.Of(s))))
        {
            await ApplyAsync(service, new ServiceStatus(), cancellation);
        }

        foreach (var use in plan.Pools)
        {
            await WriteAsync(use, now, cancellation);
        }
    }

    private async Task WriteAsync(ServiceShare share, DateTimeOffset now, CancellationToken cancellation)
    {
        var service = share.Service;
        var condition = Conditions.Of(
            service.Status?.Conditions,
            WeftLoadBalancerPool.Allocated,
            share.IsComplete,
            share.Reason,
            share.Message,
            service.Metadata.Generation,
            now
        );
        if (
            Conditions.Has(service.Status?.Conditions, condition)
            && ServiceWish.Addresses(service).SequenceEqual(share.Addresses)
        )
        {
            return;
        }

        await ApplyAsync(
            service,
            new ServiceStatus
            {
                LoadBalancer = new LoadBalancerStatus
                {
                    Ingress = [.. share.Addresses.Select(ip => new LoadBalancerIngress { Ip = $"{ip}" })],
                },
                Conditions = [condition],
            },
            cancellation
        );
        if (!share.IsComplete)
        {
            events.Warning(Kinds.Services, service, share.Reason, "Allocate", share.Message);
        }
    }

    private Task<Service> ApplyAsync(Service service, ServiceStatus status, CancellationToken cancellation) =>
        client.ApplyAsync(
            Kinds.Services,
            new Service
            {
                Metadata = new ObjectMeta
                {
                    Name = service.Metadata.Name,
                    Namespace = service.Metadata.Namespace,
                    ResourceVersion = service.Metadata.ResourceVersion,
                },
                Status = status,
            },
            WeftGroup.OperatorManager,
            force: true,
            cancellation,
            subresource: "status"
        );

    private async Task WriteAsync(PoolUse use, DateTimeOffset now, CancellationToken cancellation)
    {
        var condition = Conditions.Of(
            use.Pool.Status?.Conditions,
            WeftLoadBalancerPoolStatus.Ready,
            use.Refused.Count == 0,
            use.Refused.Count == 0 ? "Ready" : "RangeRefused",
            use.Refused.Count == 0
                ? "All prefixes are in use."
                : $"Not used: {string.Join("; ", use.Refused)}. Take them out, or what they overlap.",
            use.Pool.Metadata.Generation,
            now
        );
        if (use.Pool.Status?.Used == use.Used && Conditions.Has(use.Pool.Status?.Conditions, condition))
        {
            return;
        }

        await client.ApplyAsync(
            WeftResources.LoadBalancerPools,
            new WeftLoadBalancerPool
            {
                Metadata = new ObjectMeta { Name = use.Pool.Metadata.Name },
                Spec = use.Pool.Spec,
                Status = new WeftLoadBalancerPoolStatus { Used = use.Used, Conditions = [condition] },
            },
            WeftGroup.OperatorManager,
            force: true,
            cancellation,
            subresource: "status"
        );
    }
}
