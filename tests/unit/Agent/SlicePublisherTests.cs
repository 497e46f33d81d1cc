using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent.Endpoints;
using Weft.Agent.Kubernetes;
using Weft.Agent.Peers;
using Weft.Agent.Publishing;
using Weft.Contracts;
using Weft.Kubernetes.Objects;
using Weft.Resources;
using Endpoint = Weft.Agent.Endpoints.Endpoint;

namespace Weft.Tests.Unit.Agent;

public sealed class SlicePublisherTests : IAsyncLifetime
{
    private readonly ConcurrentDictionary<AttachmentId, Endpoint> pods = new();
    private TestCluster cluster = null!;
    private Mirror<WeftNode> nodes = null!;
    private Mirror<RemoteSlice> slices = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await TestCluster.StartAsync();
        await cluster.CreateAsync(WeftResources.Nodes, new WeftNode { Metadata = new ObjectMeta { Name = "n1" } });
        nodes = await cluster.MirrorAsync(WeftResources.Nodes);
        slices = await cluster.MirrorAsync(RemoteSlice.Resource);
    }

    [Fact]
    public async Task A_burst_of_pods_is_a_handful_of_writes_and_belongs_to_the_node()
    {
        var writes = 0;
        slices.Changed += _ => Interlocked.Increment(ref writes);
        var publisher = Publish();
        for (var i = 0; i < 100; i++)
        {
            Add(i, 300);
            publisher.Changed();
        }

        await TestCluster.UntilAsync(slices, all => all.Sum(slice => slice.Endpoints!.Length) == 100);
        Assert.InRange(writes, 1, 6);
        var slice = (await cluster.FindAsync(WeftResources.EndpointSlices, "n1-0"))!;
        Assert.Equal("n1", slice.Metadata.Labels![WeftGroup.NodeLabel]);
        var owner = Assert.Single(slice.Metadata.OwnerReferences!);
        Assert.Equal(nodes.List()[0].Metadata.Uid, owner.Uid);
        Assert.Contains(slice.Endpoints, pod => pod is { Namespace: "default", Pod: "p7", Uid: "u7", Identity: 300 });
    }

    [Fact]
    public async Task What_a_pod_becomes_is_published_and_the_last_pod_takes_its_slice_with_it()
    {
        var publisher = Publish();
        Add(1, 5);
        publisher.Changed();
        await TestCluster.UntilAsync(slices, all => Identities(all).SequenceEqual([5u]));
        Add(1, 300);
        publisher.Changed();
        await TestCluster.UntilAsync(slices, all => Identities(all).SequenceEqual([300u]));
        pods.Clear();
        publisher.Changed();
        await TestCluster.UntilAsync(slices, all => all.Count == 0);
    }

    [Fact]
    public async Task A_slice_that_somebody_deletes_is_written_again()
    {
        Add(1, 300);
        Publish();
        await TestCluster.UntilAsync(slices, all => all.Count == 1);
        var uid = slices.List()[0].Metadata.Uid;
        await cluster.Client.DeleteAsync(
            WeftResources.EndpointSlices,
            new ObjectKey(null, "n1-0"),
            null,
            TestContext.Current.CancellationToken
        );
        await TestCluster.UntilAsync(slices, all => all.Count == 1 && all[0].Metadata.Uid != uid);
    }

    [Fact]
    public async Task After_a_restart_pods_stay_in_their_slices_and_slices_without_pods_go()
    {
        foreach (var (name, pod) in new[] { ("n1-3", 1), ("n1-5", 2), ("n2-0", 3) })
        {
            await cluster.CreateAsync(
                WeftResources.EndpointSlices,
                new WeftEndpointSlice
                {
                    Metadata = new ObjectMeta
                    {
                        Name = name,
                        Labels = new Dictionary<string, string> { [WeftGroup.NodeLabel] = name[..2] },
                    },
                    NodeName = name[..2],
                    Endpoints = [.. SlicePublisher.Published([Pod(pod, 300)]).Values],
                }
            );
        }

        Add(1, 301);
        Publish();
        await TestCluster.UntilAsync(
            slices,
            all =>
                all.Count == 2 && all.Any(slice => slice.Metadata.Name == "n1-3" && slice.Endpoints![0].Identity == 301)
        );
        Assert.Equal(["n1-3", "n2-0"], slices.List().Select(slice => slice.Metadata.Name).Order());
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    private SlicePublisher Publish()
    {
        var publisher = new SlicePublisher("n1", cluster.Client, cluster.Contact, nodes, slices, NullLogger.Instance);
        cluster.Run(cancellation => publisher.RunAsync(() => pods.Values, cancellation));
        return publisher;
    }

    private void Add(int i, uint identity) => pods[Pod(i, identity).Id] = Pod(i, identity);

    private static Endpoint Pod(int i, uint identity) =>
        new(
            new AttachmentId($"c{i}", "eth0"),
            "weft",
            null,
            new PodReference("default", $"p{i}", $"u{i}"),
            i,
            new Attachment("weft0", "", "eth0", "", 1450, [new PodAddress($"10.1.0.{i + 2}/32", "10.1.0.1")], []),
            identity
        );

    private static IEnumerable<uint> Identities(IEnumerable<RemoteSlice> all) =>
        all.SelectMany(slice => slice.Endpoints!).Select(pod => pod.Identity);
}
