using System.Net;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Operator.Configuration;
using Weft.Resources;

namespace Weft.Tests.EndToEnd.Operator;

/// <summary>
/// An operator that is killed at its first write, its second, and so on, before and after the server did it; and one
/// that takes over. Three nodes want blocks, pods want identities, and a policy splits them.
/// </summary>
public sealed class KillPointTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // No grace: removals are among the writes that it is killed at.
    private static readonly OperatorSettings Settings = new(
        Ipam.Pool,
        [Prefix.Parse("10.244.0.0/16"), Prefix.Parse("fd00:10:244::/56")],
        TimeSpan.FromMinutes(10),
        TimeSpan.Zero,
        new IPEndPoint(IPAddress.Loopback, 0),
        LeaseNamespace: null
    );

    private static readonly string[] NodeNames = ["n1", "n2", "n3"];
    private static readonly string[] Apps = ["web", "db"];
    private static readonly string[] Tiers = ["a", "b"];

    [Theory]
    [InlineData(nameof(Cut.BeforeWrite))]
    [InlineData(nameof(Cut.AfterWrite))]
    public async Task An_operator_killed_at_any_write_loses_nothing_and_doubles_nothing(string where)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var points = 0;
        while (await KillAsync(points, Enum.Parse<Cut>(where), patience.Token))
        {
            points++;
        }

        // Pool, three nodes, two identities, four after the split, two removed: or nothing was tested. Conditions may
        // come with other writes.
        Assert.InRange(points, 12, 60);
    }

    /// <summary>False when the operator had done its work before it could be killed.</summary>
    private static async Task<bool> KillAsync(int writes, Cut where, CancellationToken cancellation)
    {
        await using var cluster = await OperatorCluster.StartAsync(cancellation);
        foreach (var node in NodeNames)
        {
            await cluster.Client.CreateAsync(Kinds.Nodes, NodeOf(node), cancellation);
        }

        await AddPolicyAsync(cluster, "app", cancellation);
        foreach (var pod in from app in Apps from tier in Tiers select PodOf(app, tier))
        {
            await cluster.Client.CreateAsync(Kinds.Pods, pod, cancellation);
        }

        var wasCut = false;
        using (var proxy = cluster.Proxy(writes, where))
        {
            using var killed = CancellationTokenSource.CreateLinkedTokenSource(cancellation, proxy.WasCut);
            var first = OperatorCluster.OperateAsync(
                new ClusterConnection { Server = proxy.Address },
                Settings,
                killed.Token
            );
            try
            {
                await cluster.UntilAsync(
                    () => IsServed(cluster) && LabelsOf(cluster) == "app=db app=web",
                    killed.Token
                );
                await AddPolicyAsync(cluster, "tier", cancellation);
                await cluster.UntilAsync(() => IsServed(cluster) && IsSplit(cluster), killed.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                wasCut = true;
            }

            await killed.CancelAsync();
            await first;
        }

        if (wasCut)
        {
            await AddPolicyAsync(cluster, "tier", cancellation);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var second = OperatorCluster.OperateAsync(cluster.Connection, Settings, enough.Token);
            await cluster.UntilAsync(() => IsServed(cluster) && IsSplit(cluster), cancellation);
            await enough.CancelAsync();
            await second;
        }

        CheckNothingIsDoubled(cluster);
        return wasCut;
    }

    private static bool IsServed(OperatorCluster cluster) =>
        cluster.Nodes.List().Count == NodeNames.Length
        && cluster
            .Nodes.List()
            .All(node =>
                node.Spec?.PodCidrs is { Count: 2 }
                && node.Status?.Conditions?.Any(c => c is { Type: "PodCIDRsAllocated", Status: "True" }) == true
            )
        && cluster.Pools.List().Any(pool => pool.Status?.Used == 2 * NodeNames.Length);

    private static bool IsSplit(OperatorCluster cluster) =>
        LabelsOf(cluster) == "app=db,tier=a app=db,tier=b app=web,tier=a app=web,tier=b";

    private static string LabelsOf(OperatorCluster cluster) =>
        string.Join(
            ' ',
            cluster
                .Identities.List()
                .Select(identity => string.Join(',', identity.Spec.Labels!.Select(l => $"{l.Key}={l.Value}").Order()))
                .Order()
        );

    private static void CheckNothingIsDoubled(OperatorCluster cluster)
    {
        Assert.Distinct(cluster.Identities.List().Select(identity => identity.Spec.Id));
        var given = cluster
            .Nodes.List()
            .SelectMany(node => node.Spec!.PodCidrs!.Select(cidr => (Cidr: cidr, Node: node.Metadata.Name!)))
            .Order()
            .ToList();
        Assert.Distinct(given.Select(block => block.Cidr));
        var pool = Assert.Single(cluster.Pools.List());
        Assert.Equal(given, pool.Status!.Blocks!.Select(block => (block.Cidr, block.Node)).Order());
    }

    private static async Task AddPolicyAsync(OperatorCluster cluster, string key, CancellationToken cancellation)
    {
        try
        {
            await cluster.Client.CreateAsync(
                Kinds.NetworkPolicies,
                new NetworkPolicy
                {
                    Metadata = new ObjectMeta { Namespace = "default", Name = key },
                    Spec = new NetworkPolicySpec
                    {
                        PodSelector = new LabelSelector
                        {
                            MatchExpressions = [new() { Key = key, Operator = "Exists" }],
                        },
                    },
                },
                cancellation
            );
        }
        catch (KubernetesException e) when (e.IsAlreadyExists)
        {
            // The first operator came as far as that.
        }
    }

    private static Node NodeOf(string name) => new() { Metadata = new ObjectMeta { Name = name } };

    private static Pod PodOf(string app, string tier) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = "default",
                Name = $"{app}-{tier}",
                Labels = new Dictionary<string, string> { ["app"] = app, ["tier"] = tier },
            },
            Spec = new PodSpec { Containers = [new Container { Name = "main", Image = "host" }] },
        };
}
