using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent.Kubernetes;
using Weft.Agent.Peers;
using Weft.Agent.Readiness;
using Weft.Agent.Registration;
using Weft.Agent.Snapshot;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Tests.Unit.Agent;

public sealed class NodeOnKubernetesTests : IAsyncLifetime
{
    private TestCluster cluster = null!;
    private Mirror<WeftNode> nodes = null!;
    private Mirror<Node> own = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await TestCluster.StartAsync();
        nodes = await cluster.MirrorAsync(WeftResources.Nodes);
        own = await cluster.MirrorAsync(Kinds.Nodes);
    }

    [Fact]
    public async Task A_node_says_what_it_is_when_that_changes_and_again_when_somebody_deletes_it()
    {
        var declaration = new NodeDeclaration(["192.0.2.1"], "vxlan", NodeHealth.NoPodCidrs);
        var registration = new NodeRegistration(
            "n1",
            cluster.Client,
            cluster.Contact,
            own,
            nodes,
            TimeProvider.System,
            NullLogger.Instance
        );
        cluster.Run(cancellation => registration.RunAsync(() => Volatile.Read(ref declaration), cancellation));
        await TestCluster.UntilAsync(nodes, all => Ready(all) == ("False", "NoPodCIDRs"));
        var node = nodes.List()[0];
        Assert.Equal(["192.0.2.1"], node.Spec!.Addresses!);
        Assert.Equal("vxlan", node.Spec.RoutingMode);
        Assert.Equal(own.List()[0].Metadata.Uid, Assert.Single(node.Metadata.OwnerReferences!).Uid);

        Volatile.Write(ref declaration, declaration with { Health = NodeHealth.Up });
        registration.Changed();
        await TestCluster.UntilAsync(nodes, all => Ready(all) == ("True", "WeftIsUp"));

        await cluster.Client.DeleteAsync(
            WeftResources.Nodes,
            new ObjectKey(null, "n1"),
            null,
            TestContext.Current.CancellationToken
        );
        await TestCluster.UntilAsync(
            nodes,
            all => Ready(all) == ("True", "WeftIsUp") && all[0].Metadata.Uid != node.Metadata.Uid
        );
    }

    [Fact]
    public async Task The_Node_hears_that_its_network_is_there_when_it_is_and_loses_the_startup_taint_only()
    {
        var ready = new ReadyNode("n1", cluster.Client, cluster.Contact, own, TimeProvider.System, NullLogger.Instance);
        cluster.Run(ready.RunAsync);
        Assert.Equal(2, own.List()[0].Spec!.Taints!.Count);
        ready.Ready();
        await TestCluster.UntilAsync(
            own,
            all =>
                all[0].Spec!.Taints is [{ Key: "other" }]
                && all[0]
                    .Status!.Conditions!.Any(c =>
                        c is { Type: "NetworkUnavailable", Status: "False", Reason: "WeftIsUp" }
                    )
        );
    }

    [Fact]
    public async Task What_was_written_down_goes_when_the_server_does_not_have_it()
    {
        var gone = new WeftNode { Metadata = new ObjectMeta { Name = "gone" } };
        var mirror = await cluster.MirrorAsync(WeftResources.Nodes, gone);
        Assert.Empty(mirror.List());
    }

    [Fact]
    public async Task With_the_server_away_a_node_starts_from_what_was_written_down()
    {
        await cluster.CreateAsync(WeftResources.Nodes, Weft("n1", "192.0.2.1", "10.1.0.0/24"));
        await cluster.CreateAsync(WeftResources.Nodes, Weft("n2", "192.0.2.2", "10.2.0.0/24"));
        await TestCluster.UntilAsync(nodes, all => all.Count == 2);
        using (var stop = new CancellationTokenSource())
        {
            var snapshot = Snapshot(nodes);
            snapshot.Load();
            var running = snapshot.RunAsync(stop.Token);
            await cluster.CreateAsync(WeftResources.Nodes, Weft("n3", "192.0.2.3", "10.3.0.0/24"));
            await TestCluster.UntilAsync(nodes, all => all.Count == 3);
            await stop.CancelAsync();
            await running.ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext
            );
        }

        await cluster.StopServerAsync();
        var next = new Mirror<WeftNode>(cluster.Client, WeftResources.Nodes, new());
        var source = new WeftNodes(next, "n1", () => true, NullLogger.Instance);
        Assert.Null(source.PodCidrs);
        Snapshot(next).Load();
        Assert.Equal("10.1.0.0/24", Assert.Single(source.PodCidrs!).ToString());
        Assert.Equal(["n2", "n3"], source.Read().Select(peer => peer.Name));
        Assert.False(source.IsComplete);
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    private SnapshotOf<WeftNode> Snapshot(Mirror<WeftNode> mirror) =>
        new(cluster["state"], WeftResources.Nodes, mirror, TimeSpan.FromMinutes(1), NullLogger.Instance);

    private static (string?, string?) Ready(IReadOnlyList<WeftNode> all) =>
        all is [{ Status.Conditions: [{ Type: WeftNodeStatus.Ready } ready] }] ? (ready.Status, ready.Reason) : default;

    private static WeftNode Weft(string name, string address, string podCidr) =>
        new()
        {
            Metadata = new ObjectMeta { Name = name },
            Spec = new WeftNodeSpec { Addresses = [address], PodCidrs = [podCidr] },
        };
}
