using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>Our client's lists and watches.</summary>
public abstract class ListAndWatchTests(ControlPlane cluster) : ContractTests(cluster)
{
    private readonly ControlPlane cluster = cluster;

    [Fact]
    public async Task Pages_make_up_the_list_at_one_version()
    {
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
        {
            await CreateAsync(Map(name));
        }

        List<string> names = [];
        HashSet<string> versions = [];
        string? next = null;
        do
        {
            var page = await ListAsync(new ListOptions { Limit = 2, Continue = next });
            names.AddRange(page.Items!.Select(map => map.Metadata.Name!));
            versions.Add(page.Metadata!.ResourceVersion!);
            next = page.Metadata!.Continue;
            // It is not in the list's version.
            await CreateAsync(Map($"z{names.Count}"));
        } while (!string.IsNullOrEmpty(next));

        Assert.Equal(["a", "b", "c", "d", "e"], names);
        Assert.Single(versions);
    }

    [Theory]
    [InlineData("label=b", null, "two")]
    [InlineData("label in (a,c),!other", null, "one")]
    [InlineData("label!=a", "metadata.name!=three", "two")]
    [InlineData(null, "metadata.name=three", "three")]
    public async Task Selectors_are_the_servers(string? labels, string? fields, string expected)
    {
        await CreateAsync(Map("one", label: "a"));
        await CreateAsync(Map("two", label: "b"));
        await CreateAsync(Map("three", label: "d"));
        var list = await ListAsync(new ListOptions { LabelSelector = labels, FieldSelector = fields });
        Assert.Equal(expected, Assert.Single(list.Items!).Metadata.Name);
    }

    [Fact]
    public async Task A_watch_says_every_change_since_its_version_once_and_in_order()
    {
        var version = await VersionAsync();
        var created = await CreateAsync(Map("one"));
        var replaced = await ReplaceAsync(created with { Data = new Dictionary<string, string> { ["text"] = "2" } });
        await DeleteAsync("one");
        await CreateAsync(Map("two"));

        var events = await WatchAsync(new WatchOptions { ResourceVersion = version }).Take(4).ToListAsync(Cancellation);
        Assert.Equal(
            [
                (WatchEventType.Added, "one", "1"),
                (WatchEventType.Modified, "one", "2"),
                (WatchEventType.Deleted, "one", "2"),
                (WatchEventType.Added, "two", "1"),
            ],
            events.Select(seen => (seen.Type, seen.Object!.Metadata.Name!, seen.Object.Data!["text"]))
        );
        Assert.Equal(created.Metadata.ResourceVersion, events[0].Object!.Metadata.ResourceVersion);
        Assert.Equal(replaced.Metadata.ResourceVersion, events[1].Object!.Metadata.ResourceVersion);

        // A deleted object comes with the version of its deletion, so that a watch can go on from there.
        var rest = WatchAsync(new WatchOptions { ResourceVersion = events[2].Object!.Metadata.ResourceVersion });
        Assert.Equal("two", (await rest.FirstAsync(Cancellation)).Object!.Metadata.Name);
    }

    [Fact]
    public async Task An_object_that_leaves_the_selection_is_deleted_for_the_watch()
    {
        await CreateAsync(Map("one"));
        var version = await VersionAsync();
        await ReplaceAsync(Map("one", label: "b"));
        await ReplaceAsync(Map("one", "2", label: "b"));
        await ReplaceAsync(Map("one", "3"));
        var watch = WatchAsync(new WatchOptions { ResourceVersion = version, LabelSelector = "label=a" });
        var events = await watch.Take(2).ToListAsync(Cancellation);
        Assert.Equal(
            [(WatchEventType.Deleted, "1"), (WatchEventType.Added, "3")],
            events.Select(seen => (seen.Type, seen.Object!.Data!["text"]))
        );
    }

    [Fact]
    public async Task A_watch_that_ends_leaves_a_bookmark_to_go_on_from()
    {
        var options = new WatchOptions { ResourceVersion = await VersionAsync(), Timeout = TimeSpan.FromSeconds(6) };
        await CreateAsync(Map("one"));
        List<WatchEvent<ConfigMap>> events = [];
        await foreach (var seen in WatchAsync(options))
        {
            events.Add(seen);
            if (events.Count == 1)
            {
                // The server has no use for a bookmark while nothing happens that the watch did not begin with.
                await CreateAsync(Map("two"));
            }
        }

        Assert.Equal([WatchEventType.Added, WatchEventType.Bookmark], events.Select(seen => seen.Type).Distinct());
        Assert.Equal(WatchEventType.Bookmark, events[^1].Type);
        var bookmark = events[^1].ResourceVersion;
        await DeleteAsync("one");
        var rest = await WatchAsync(options with { ResourceVersion = bookmark }).FirstAsync(Cancellation);
        Assert.Equal((WatchEventType.Deleted, "one"), (rest.Type, rest.Object!.Metadata.Name));
    }

    [Fact]
    public async Task After_a_restart_a_watch_gets_the_change_it_missed_or_learns_that_it_is_gone()
    {
        var version = await VersionAsync();
        await CreateAsync(Map("one"));
        await cluster.RestartAsync();
        var seen = await WatchAsync(new WatchOptions { ResourceVersion = version }).FirstAsync(Cancellation);
        if (seen.Type == WatchEventType.Error)
        {
            Assert.Equal((410, "Expired"), (seen.Status!.Code, seen.Status.Reason));
        }
        else
        {
            // The lab's server keeps its history over a restart.
            Assert.Equal((WatchEventType.Added, "one"), (seen.Type, seen.Object!.Metadata.Name));
        }
    }

    private async Task<string> VersionAsync() => (await ListAsync(new ListOptions())).Metadata!.ResourceVersion!;

    private Task<ObjectList<ConfigMap>> ListAsync(ListOptions options) =>
        Client.ListAsync(Kinds.ConfigMaps, options with { Namespace = Namespace }, Cancellation);

    private IAsyncEnumerable<WatchEvent<ConfigMap>> WatchAsync(WatchOptions options) =>
        Client.WatchAsync(Kinds.ConfigMaps, options with { Namespace = Namespace }, Cancellation);
}
