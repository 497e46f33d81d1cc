using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class InformerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_list_is_read_from_the_servers_memory_page_by_page_and_watched_from_its_version()
    {
        await using var run = Follow(async x =>
        {
            if (x.IsWatch)
            {
                await x.BeginAsync();
                await x.SendAsync(Clients.Event("MODIFIED", Clients.ConfigMap("a", 8)));
                await x.SendAsync(Clients.Bookmark(9));
                return;
            }

            await (
                x.Query("continue") is null
                    ? x.AnswerAsync(200, Clients.List(7, "2nd", Clients.ConfigMap("a", 1)))
                    : x.AnswerAsync(200, Clients.List(7, null, Clients.ConfigMap("b", 2)))
            );
        });
        await run.UntilAsync("9");

        Assert.Equal(["+a:1", "+b:2", "a:1->8"], run.Changes);
        Assert.Equal(
            [
                "GET /api/v1/configmaps?limit=500&resourceVersion=0&resourceVersionMatch=NotOlderThan",
                "GET /api/v1/configmaps?limit=500&continue=2nd",
            ],
            run.Server.Requests.Take(2)
        );
        Assert.Contains("&resourceVersion=7&", run.Server.Requests[2], StringComparison.Ordinal);
        Assert.Contains("allowWatchBookmarks=true", run.Server.Requests[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_that_ends_or_breaks_goes_on_from_the_last_event_or_bookmark()
    {
        await using var run = Follow(async x =>
        {
            if (!x.IsWatch)
            {
                await x.AnswerAsync(200, Clients.List(1, null));
                return;
            }

            await x.BeginAsync();
            switch (x.Query("resourceVersion"))
            {
                case "1":
                    await x.SendAsync(Clients.Event("ADDED", Clients.ConfigMap("a", 2)));
                    await x.SendAsync(Clients.Bookmark(5));
                    await x.EndAsync();
                    break;
                case "5":
                    await x.SendAsync(Clients.Event("ADDED", Clients.ConfigMap("b", 6)));
                    await x.SendAsync(Clients.Event("ADDED", Clients.ConfigMap("c", 7))[..30]);
                    x.Cut();
                    break;
                case "6":
                    await x.SendAsync(Clients.Event("ADDED", Clients.ConfigMap("c", 7)));
                    await x.SendAsync("}garbage{\n" + Clients.Event("ADDED", Clients.ConfigMap("d", 9)));
                    break;
                case "7":
                    await x.SendAsync(Clients.Event("DELETED", Clients.ConfigMap("a", 8)));
                    await x.SendAsync(Clients.Event("ADDED", Clients.ConfigMap("d", 9)));
                    break;
            }
        });
        await run.UntilAsync("9");

        Assert.Equal(["+a:2", "+b:6", "+c:7", "-a:2", "+d:9"], run.Changes);
        Assert.Single(run.Server.Requests, request => !request.Contains("watch", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_gone_the_new_list_is_compared_with_the_cache(bool asEvent)
    {
        var lists = 0;
        await using var run = Follow(async x =>
        {
            if (!x.IsWatch)
            {
                await x.AnswerAsync(
                    200,
                    ++lists == 1
                        ? Clients.List(
                            10,
                            null,
                            Clients.ConfigMap("gone", 1),
                            Clients.ConfigMap("same", 2),
                            Clients.ConfigMap("changed", 3),
                            Clients.ConfigMap("again", 4, "old")
                        )
                        : Clients.List(
                            20,
                            null,
                            Clients.ConfigMap("same", 2),
                            Clients.ConfigMap("changed", 13),
                            Clients.ConfigMap("again", 14, "new"),
                            Clients.ConfigMap("new", 15)
                        )
                );
                return;
            }

            if (x.Query("resourceVersion") == "20")
            {
                await x.BeginAsync();
                await x.SendAsync(Clients.Bookmark(21));
            }
            else if (asEvent)
            {
                await x.BeginAsync();
                await x.SendAsync(Clients.Event("ERROR", Exchange.StatusJson(410, "Expired")));
            }
            else
            {
                await x.RefuseAsync(410, "Expired");
            }
        });
        await run.UntilAsync("21");

        Assert.Equal(["-gone:1", "changed:3->13", "-again:4", "+again:14", "+new:15"], run.Changes.Skip(4));
        // Not older than what is known, so that a server that lags behind does not turn time back.
        Assert.Contains(
            run.Server.Requests,
            request =>
                request.Contains("resourceVersion=10&resourceVersionMatch=NotOlderThan", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_list_that_expires_between_its_pages_begins_again_in_one_piece()
    {
        await using var run = Follow(x =>
            x.IsWatch ? BookmarkAsync(x, 9)
            : x.Query("continue") is not null ? x.RefuseAsync(410, "Expired")
            : x.Query("limit") is not null ? x.AnswerAsync(200, Clients.List(5, "2nd", Clients.ConfigMap("deleted", 1)))
            : x.AnswerAsync(200, Clients.List(8, null, Clients.ConfigMap("b", 7)))
        );
        await run.UntilAsync("9");

        Assert.Equal(["+b:7"], run.Changes);
    }

    [Fact]
    public async Task A_version_the_server_has_not_reached_is_not_insisted_on()
    {
        var ready = false;
        await using var run = Follow(x =>
        {
            if (x.IsWatch)
            {
                ready = true;
                return x.Query("resourceVersion") == "3" ? BookmarkAsync(x, 4) : x.RefuseAsync(410, "Expired");
            }

            // Restored from a backup: its versions are lower than those the client knows.
            return x.Query("resourceVersion") is null ? x.AnswerAsync(200, Clients.List(3, null))
                : ready
                    ? x.AnswerAsync(
                        504,
                        """
                        {"kind":"Status","code":504,"reason":"Timeout","message":"Too large resource version: 100, current: 3",
                         "details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}]}}
                        """
                    )
                : x.AnswerAsync(200, Clients.List(100, null, Clients.ConfigMap("a", 100)));
        });
        await run.UntilAsync("4");

        Assert.Equal(["+a:100", "-a:100"], run.Changes);
    }

    [Fact]
    public async Task A_silent_server_is_left_after_the_watchs_time()
    {
        var watches = 0;
        ScriptedServer? server = null;
        await using var run = Follow(
            async x =>
            {
                if (!x.IsWatch)
                {
                    await x.AnswerAsync(200, Clients.List(1, null));
                }
                else if (++watches == 1)
                {
                    await x.BeginAsync();
                    await Task.Delay(Timeout.Infinite, server!.Stopping);
                }
                else
                {
                    await BookmarkAsync(x, 2);
                }
            },
            watchTimeout: TimeSpan.FromMilliseconds(1),
            started: started => server = started
        );
        await run.UntilAsync("2");
        Assert.Equal(2, watches);
    }

    [Fact]
    public async Task Indexes_follow_changes()
    {
        await using var run = Follow(async x =>
        {
            if (!x.IsWatch)
            {
                await x.AnswerAsync(
                    200,
                    Clients.List(1, null, Clients.ConfigMap("a", 1, ns: "x"), Clients.ConfigMap("b", 1, ns: "y"))
                );
                return;
            }

            await x.BeginAsync();
            await x.SendAsync(Clients.Event("DELETED", Clients.ConfigMap("a", 2, ns: "x")));
            await x.SendAsync(Clients.Event("ADDED", Clients.ConfigMap("c", 3, ns: "y")));
        });
        await run.UntilAsync("3");

        Assert.Empty(run.Informer.ByIndex("namespace", "x"));
        Assert.Equal(["b", "c"], run.Informer.ByIndex("namespace", "y").Select(obj => obj.Metadata.Name).Order());
        Assert.Equal("c", run.Informer.Get(new ObjectKey("y", "c"))?.Metadata.Name);
        Assert.Throws<ArgumentException>(() => run.Informer.ByIndex("node", "n1"));
    }

    [Fact]
    public async Task What_a_transform_leaves_out_is_not_kept()
    {
        await using var run = Follow(
            x => x.IsWatch ? BookmarkAsync(x, 2) : x.AnswerAsync(200, Clients.List(1, null, Clients.ConfigMap("a", 1))),
            transform: obj => obj with { Data = null }
        );
        await run.UntilAsync("2");
        Assert.Null(Assert.Single(run.Informer.List()).Data);
    }

    private static async Task BookmarkAsync(Exchange x, long version)
    {
        await x.BeginAsync();
        await x.SendAsync(Clients.Bookmark(version));
    }

    private static InformerRun Follow(
        Func<Exchange, Task> answer,
        TimeSpan? watchTimeout = null,
        Action<ScriptedServer>? started = null,
        Func<ConfigMap, ConfigMap>? transform = null
    )
    {
        var run = new InformerRun(answer, watchTimeout, transform);
        started?.Invoke(run.Server);
        run.Start(Cancellation);
        return run;
    }
}
