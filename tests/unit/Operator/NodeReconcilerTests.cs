using System.Net;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Operator.Configuration;
using Weft.Resources;

namespace Weft.Tests.Unit.Operator;

/// <summary>What becomes of nodes and pools on an API server, with an operator at work on it.</summary>
public sealed class NodeReconcilerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly OperatorSettings Pools = new(
        Ipam.Pool,
        [Prefix.Parse("10.244.0.0/16")],
        TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(10),
        new IPEndPoint(IPAddress.Loopback, 0),
        LeaseNamespace: null
    );

    [Fact]
    public Task A_node_that_departs_leaves_nothing_and_its_block_rests() =>
        RunAsync(
            Pools,
            async (cluster, stop) =>
            {
                await CreateAsync(cluster, new() { Name = "n1" }, [], null, stop);
                await CreateAsync(cluster, new() { Name = "n2" }, [], null, stop);
                await cluster.UntilAsync(() => CidrsOf(cluster) == "n1=10.244.0.0/24 n2=10.244.1.0/24", stop);
                await cluster.Client.CreateAsync(WeftResources.EndpointSlices, SliceOf("n1"), stop);
                await cluster.Client.DeleteAsync(Kinds.Nodes, new ObjectKey(null, "n1"), null, stop);
                await cluster.UntilAsync(
                    () => CidrsOf(cluster) == "n2=10.244.1.0/24" && cluster.Slices.List().Count == 0,
                    stop
                );
                await CreateAsync(cluster, new() { Name = "n3" }, [], null, stop);
                await cluster.UntilAsync(() => CidrsOf(cluster) == "n2=10.244.1.0/24 n3=10.244.2.0/24", stop);
                await CreateAsync(cluster, new() { Name = "n1" }, [], null, stop);
                await cluster.UntilAsync(
                    () => CidrsOf(cluster) == "n1=10.244.0.0/24 n2=10.244.1.0/24 n3=10.244.2.0/24",
                    stop
                );
            }
        );

    [Fact]
    public Task An_exhausted_pool_says_so_and_a_range_that_is_added_is_used() =>
        RunAsync(
            Pools,
            async (cluster, stop) =>
            {
                var pool = PoolOf("small", "10.1.0.0/24");
                await cluster.Client.CreateAsync(WeftResources.IPPools, pool, stop);
                await CreateAsync(cluster, new() { Name = "n1" }, [], null, stop);
                await CreateAsync(cluster, new() { Name = "n2" }, [], null, stop);
                await cluster.UntilAsync(() => Condition(cluster, "small", "Exhausted") is { Status: "True" }, stop);
                var more = new WeftIPRange { Cidr = "10.2.0.0/24", BlockSize = 24 };
                var now = await cluster.Client.GetAsync(WeftResources.IPPools, new ObjectKey(null, "small"), stop);
                await cluster.Client.ApplyAsync(
                    WeftResources.IPPools,
                    new WeftIPPool
                    {
                        Metadata = new ObjectMeta { Name = "small" },
                        Spec = new WeftIPPoolSpec { Ranges = [.. now.Spec.Ranges, more] },
                    },
                    "test",
                    force: true,
                    stop
                );
                await cluster.UntilAsync(
                    () =>
                        CidrsOf(cluster).Split(' ').Length == 2
                        && CidrsOf(cluster).Contains("10.2.0.0/24", StringComparison.Ordinal)
                        && Condition(cluster, "small", "Exhausted") is { Status: "False" },
                    stop
                );
            }
        );

    [Fact]
    public Task A_range_with_a_nodes_address_is_refused_in_a_condition() =>
        RunAsync(
            Pools,
            async (cluster, stop) =>
            {
                await CreateAsync(cluster, new() { Name = "n1" }, [], "192.0.2.11", stop);
                await cluster.Client.CreateAsync(WeftResources.IPPools, PoolOf("wrong", "192.0.2.0/24"), stop);
                await cluster.UntilAsync(
                    () =>
                        Condition(cluster, "wrong", "Overlap") is { Status: "True" } overlap
                        && overlap.Message!.Contains("192.0.2.11, the address of node n1", StringComparison.Ordinal),
                    stop
                );
            }
        );

    [Fact]
    public Task Without_pools_a_node_has_what_its_Node_says() =>
        RunAsync(
            Pools with
            {
                Ipam = Ipam.Kubernetes,
                ClusterPodCidrs = [],
            },
            async (cluster, stop) =>
            {
                await CreateAsync(cluster, new() { Name = "n1" }, ["10.9.1.0/24", "fd00:9:1::/64"], null, stop);
                await cluster.UntilAsync(() => CidrsOf(cluster) == "n1=10.9.1.0/24,fd00:9:1::/64", stop);
                Assert.Empty(cluster.Pools.List());
            }
        );

    private static async Task RunAsync(OperatorSettings settings, Func<OperatorCluster, CancellationToken, Task> test)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await using var cluster = await OperatorCluster.StartAsync(patience.Token);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        var operating = OperatorCluster.OperateAsync(cluster.Connection, settings, enough.Token);
        await test(cluster, patience.Token);
        await enough.CancelAsync();
        await operating;
    }

    private static string CidrsOf(OperatorCluster cluster) =>
        string.Join(
            ' ',
            cluster
                .Nodes.List()
                .Where(node => node.Spec?.PodCidrs is { Count: > 0 })
                .Select(node => $"{node.Metadata.Name}={string.Join(',', node.Spec!.PodCidrs!)}")
                .Order()
        );

    private static Condition? Condition(OperatorCluster cluster, string pool, string type) =>
        cluster
            .Pools.Get(new ObjectKey(null, pool))
            ?.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    private static async Task CreateAsync(
        OperatorCluster cluster,
        ObjectMeta meta,
        IReadOnlyList<string> podCidrs,
        string? address,
        CancellationToken cancellation
    )
    {
        var node = new Node
        {
            Metadata = meta,
            Spec = new NodeSpec
            {
                PodCIDR = podCidrs.Count > 0 ? podCidrs[0] : null,
                PodCIDRs = podCidrs.Count > 0 ? podCidrs : null,
            },
            Status = new NodeStatus
            {
                Addresses = address is null ? null : [new NodeAddress { Type = "InternalIP", Address = address }],
            },
        };
        await cluster.Client.CreateAsync(Kinds.Nodes, node, cancellation);
    }

    private static WeftIPPool PoolOf(string name, string cidr) =>
        new()
        {
            Metadata = new ObjectMeta { Name = name },
            Spec = new WeftIPPoolSpec { Ranges = [new WeftIPRange { Cidr = cidr, BlockSize = 24 }] },
        };

    private static WeftEndpointSlice SliceOf(string node) =>
        new()
        {
            Metadata = new ObjectMeta { Name = $"{node}-0" },
            NodeName = node,
            Endpoints = [],
        };
}
