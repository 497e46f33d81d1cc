using System.Net;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Operator.Configuration;
using Weft.Resources;

namespace Weft.Tests.EndToEnd.Operator;

/// <summary>What becomes of Services of type LoadBalancer, with an operator at work on an API server.</summary>
public sealed class LoadBalancerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly OperatorSettings Settings = new(
        Ipam.Kubernetes,
        [],
        TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(10),
        new IPEndPoint(IPAddress.Loopback, 0),
        LeaseNamespace: null
    );

    [Fact]
    public async Task A_Service_gets_an_address_and_loses_it_with_its_type()
    {
        using var stop = new CancellationTokenSource(Patience);
        await using var cluster = await OperatorCluster.StartAsync(stop.Token);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var operating = OperatorCluster.OperateAsync(cluster.Connection, Settings, ending.Token);
        var services = cluster.Follow(Kinds.Services);
        var pools = cluster.Follow(WeftResources.LoadBalancerPools);
        await cluster.Client.CreateAsync(WeftResources.LoadBalancerPools, Pool, stop.Token);
        var made = await cluster.Client.CreateAsync(Kinds.Services, Named("web"), stop.Token);
        await cluster.UntilAsync(() => Has(services, "web", "192.0.2.0", "True"), stop.Token);
        await cluster.UntilAsync(() => pools.List().Single().Status is { Used: 1 }, stop.Token);

        // All addresses are had: a second one is told what to do.
        await cluster.Client.CreateAsync(Kinds.Services, Named("second"), stop.Token);
        await cluster.UntilAsync(() => Has(services, "second", null, "False"), stop.Token);

        var now = await cluster.Client.GetAsync(Kinds.Services, ObjectKey.Of(made), stop.Token);
        await cluster.Client.ReplaceAsync(
            Kinds.Services,
            now with
            {
                Spec = now.Spec! with
                {
                    Type = "ClusterIP",
                    Ports = [new ServicePort { Port = 80 }],
                    ExternalTrafficPolicy = null,
                    AllocateLoadBalancerNodePorts = null,
                },
            },
            stop.Token
        );
        await cluster.UntilAsync(() => Has(services, "web", null, null), stop.Token);
        await cluster.UntilAsync(() => Has(services, "second", "192.0.2.0", "True"), stop.Token);
        await ending.CancelAsync();
        await operating;
    }

    private static WeftLoadBalancerPool Pool =>
        new()
        {
            Metadata = new ObjectMeta { Name = "edge" },
            Spec = new WeftLoadBalancerPoolSpec { Cidrs = ["192.0.2.0/32"] },
        };

    private static Service Named(string name) =>
        new()
        {
            Metadata = new ObjectMeta { Name = name, Namespace = "default" },
            Spec = new ServiceSpec
            {
                Type = "LoadBalancer",
                Selector = new Dictionary<string, string> { ["app"] = name },
                Ports = [new ServicePort { Port = 80 }],
            },
        };

    private static bool Has(Informer<Service> services, string name, string? address, string? allocated)
    {
        var status = services.Get(new ObjectKey("default", name))?.Status;
        return status?.LoadBalancer?.Ingress?.SingleOrDefault()?.Ip == address
            && status?.Conditions?.SingleOrDefault(c => c.Type == WeftLoadBalancerPool.Allocated)?.Status == allocated;
    }
}
