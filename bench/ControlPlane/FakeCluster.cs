using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Resources;

namespace Weft.Bench.ControlPlane;

/// <summary>The nodes and pods that a large cluster has besides the lab's own, written through its API.</summary>
internal sealed class FakeCluster(KubernetesClient client, ClusterWatch watch, ClusterSize size)
{
    private const int AtOnce = 16;
    private const int Namespaces = 20;

    // Blocks for more nodes than the lab's own prefixes have. None of these overlaps with an address of the lab's.
    private static readonly string[] MorePodCidrs = ["10.128.0.0/12", "fd00:10:128::/48"];
    private static readonly Prefix Underlay = Prefix.Parse("172.16.0.0/12");
    private readonly List<FakeNode> nodes =
    [
        .. Enumerable.Range(0, size.Nodes).Select(number => new FakeNode($"fake{number}", client, watch)),
    ];

    private int pods;
    private int apps;

    public IReadOnlyList<FakeNode> Nodes => nodes;

    /// <summary>Makes all of it, and returns when every pod has its identity and is in its node's slice.</summary>
    public async Task FillAsync(CancellationToken cancel)
    {
        await client.CreateAsync(WeftResources.IPPools, Pool(), cancel);
        for (var number = 0; number < Namespaces; number++)
        {
            var ns = new Namespace { Metadata = new ObjectMeta { Name = NamespaceOf(number) } };
            await client.CreateAsync(Kinds.Namespaces, ns, cancel);
        }

        await client.CreateAsync(Kinds.NetworkPolicies, Policy(), cancel);
        await ForEachAsync(Enumerable.Range(0, size.Nodes), RegisterAsync, cancel);
        await ForEachAsync(
            nodes.Index(),
            async (node, stop) =>
            {
                for (var number = node.Index; number < size.Pods; number += size.Nodes)
                {
                    await node.Item.AddAsync(NextPod(number % size.Identities), stop);
                }

                await node.Item.PublishAsync(stop);
            },
            cancel
        );
    }

    /// <summary>A pod of an identity that pods have already.</summary>
    public FakePod NextPod() => NextPod(Random.Shared.Next(size.Identities));

    /// <summary>A pod of an identity that no pod has had.</summary>
    public FakePod NewcomerPod()
    {
        var app = size.Identities + Interlocked.Increment(ref apps);
        return NextPod(app);
    }

    private FakePod NextPod(int identity) =>
        new(NamespaceOf(identity % Namespaces), $"p{Interlocked.Increment(ref pods)}", $"app{identity}");

    private static string NamespaceOf(int number) => $"space{number}";

    /// <summary>A Node, and once it has its prefixes what the agent there would say of it.</summary>
    private async ValueTask RegisterAsync(int number, CancellationToken cancel)
    {
        var address = Underlay.First.Add((uint)number + 1).ToString();
        var name = nodes[number].Name;
        await client.CreateAsync(
            Kinds.Nodes,
            new Node
            {
                Metadata = new ObjectMeta { Name = name },
                Status = new NodeStatus { Addresses = [new NodeAddress { Type = "InternalIP", Address = address }] },
            },
            cancel
        );
        // The operator makes the object: two that make it at once are one too many.
        await Until.SoAsync(
            watch.Nodes,
            () => watch.Nodes.Get(new ObjectKey(null, name))?.Spec?.PodCidrs?.Count == MorePodCidrs.Length,
            cancel
        );
        await client.ApplyAsync(
            WeftResources.Nodes,
            new WeftNode
            {
                Metadata = new ObjectMeta { Name = name },
                Spec = new WeftNodeSpec { Addresses = [address], RoutingMode = "vxlan" },
            },
            WeftGroup.AgentManager,
            force: true,
            cancel
        );
    }

    private static async Task ForEachAsync<T>(
        IEnumerable<T> items,
        Func<T, CancellationToken, ValueTask> work,
        CancellationToken cancel
    ) =>
        await Parallel.ForEachAsync(
            items,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            work
        );

    private static WeftIPPool Pool() =>
        new()
        {
            Metadata = new ObjectMeta { Name = "more" },
            Spec = new WeftIPPoolSpec
            {
                Ranges =
                [
                    new WeftIPRange { Cidr = MorePodCidrs[0], BlockSize = 24 },
                    new WeftIPRange { Cidr = MorePodCidrs[1], BlockSize = 64 },
                ],
            },
        };

    /// <summary>Names the label of all namespaces' pods, so that pods that differ in it differ in identity.</summary>
    private static NetworkPolicy Policy()
    {
        var labelled = new LabelSelector
        {
            MatchExpressions = [new() { Key = ClusterWatch.Label, Operator = "Exists" }],
        };
        return new()
        {
            Metadata = new ObjectMeta { Namespace = NamespaceOf(0), Name = "names-the-label" },
            Spec = new NetworkPolicySpec
            {
                PodSelector = labelled,
                Ingress =
                [
                    new() { From = [new() { NamespaceSelector = new LabelSelector(), PodSelector = labelled }] },
                ],
            },
        };
    }
}
