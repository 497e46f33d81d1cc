using System.Collections.Concurrent;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>Our informer follows the real server.</summary>
public abstract class InformerTests(ControlPlane cluster) : ContractTests(cluster)
{
    private readonly ControlPlane cluster = cluster;
    private readonly ConcurrentQueue<(string Name, string? Old, string? New)> changes = new();

    [Fact]
    public async Task It_has_what_is_there_and_says_what_becomes_of_it()
    {
        await CreateAsync(Map("one"));
        await FollowAsync(
            new InformerOptions<ConfigMap>(),
            async informer =>
            {
                Assert.Equal("1", TextOf(informer.Get(Key("one"))));
                await ReplaceAsync(Map("one", "2"));
                await CreateAsync(Map("two"));
                await DeleteAsync("one");
                await EventuallyAsync(() => changes.Count == 4);
                Assert.Equal([("one", null, "1"), ("one", "1", "2"), ("two", null, "1"), ("one", "2", null)], changes);
                Assert.Equal(["two"], Names(informer));
            }
        );
    }

    [Fact]
    public async Task An_object_is_there_while_it_is_selected()
    {
        await CreateAsync(Map("one"));
        await CreateAsync(Map("other", label: "b"));
        await FollowAsync(
            new InformerOptions<ConfigMap> { LabelSelector = "label=a" },
            async informer =>
            {
                await ReplaceAsync(Map("one", "2", label: "b"));
                await EventuallyAsync(() => changes.Count == 2);
                Assert.Equal([("one", null, "1"), ("one", "1", null)], changes);
                await ReplaceAsync(Map("one", "3"));
                await EventuallyAsync(() => changes.Count == 3);
                Assert.Equal("3", TextOf(informer.Get(Key("one"))));
                Assert.Equal(["one"], Names(informer));
            }
        );
    }

    [Fact]
    public async Task It_is_right_again_after_the_server_was_away()
    {
        await CreateAsync(Map("stays"));
        await CreateAsync(Map("changes"));
        await CreateAsync(Map("goes"));
        await FollowAsync(
            new InformerOptions<ConfigMap>(),
            async informer =>
            {
                await cluster.RestartAsync();
                await CreateAsync(Map("comes"));
                await ReplaceAsync(Map("changes", "2"));
                await DeleteAsync("goes");
                await EventuallyAsync(() => changes.Count == 6);
                Assert.Equal(
                    [("changes", "1", "2"), ("comes", null, "1"), ("goes", "1", null)],
                    changes.Skip(3).Order()
                );
                Assert.Equal(["changes", "comes", "stays"], Names(informer));
            }
        );
    }

    /// <summary>Runs an informer of this test's namespace, and the check when it has synced.</summary>
    private async Task FollowAsync(InformerOptions<ConfigMap> options, Func<Informer<ConfigMap>, Task> check)
    {
        var informer = new Informer<ConfigMap>(Client, Kinds.ConfigMaps, options with { Namespace = Namespace });
        informer.Changed += change => changes.Enqueue((change.Key.Name, TextOf(change.Old), TextOf(change.New)));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = informer.RunAsync(ending.Token);
        try
        {
            await informer.SyncedAsync(Cancellation);
            await check(informer);
        }
        finally
        {
            await ending.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }
    }

    private static string? TextOf(ConfigMap? map) => map?.Data!["text"];

    private static IEnumerable<string> Names(Informer<ConfigMap> informer) =>
        informer.List().Select(map => map.Metadata.Name!).Order();
}
