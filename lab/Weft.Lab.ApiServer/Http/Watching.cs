using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Http;

/// <summary>
/// GET with `watch`: one loop for each watcher, which reads the collection's history at its own speed. A change was
/// made to bytes once, when it was written; here it is only chosen and copied. A watcher that is slower than history
/// is kept is told so (410) and ends.
/// </summary>
internal sealed class Watching(Cluster cluster, Request request, CancellationToken stopping)
{
    /// <summary>Changes looked at between two flushes.</summary>
    private const int Batch = 128;

    /// <summary>Without a timeout of its own a watch ends after this and up to as much again, so that not all come back at once.</summary>
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMinutes(30);

    private readonly Collection collection = cluster.Store.Collection(request.Kind.Collection);
    private readonly Selection selection = Selection.Of(request);
    private readonly bool bookmarks = request.Flag("allowWatchBookmarks");
    private readonly PipeWriter writer = request.Context.Response.BodyWriter;
    private long position;
    private long startAfter;

    public async Task RunAsync()
    {
        var initial = Start(out var initialVersion, out var failure);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(
            request.Context.RequestAborted,
            stopping
        );
        request.Context.Response.ContentType = request.Representation.MediaType;
        request.Context.Response.Headers.CacheControl = "no-cache, private";
        request.Context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await request.Context.Response.StartAsync(cancellation.Token);
        try
        {
            if (failure is not null)
            {
                WriteStatus(failure);
            }

            foreach (var stored in initial)
            {
                Write("ADDED"u8, stored);
            }

            if (request.Flag("sendInitialEvents") && failure is null)
            {
                WriteBookmark(initialVersion, initialEventsEnd: true);
            }

            await writer.FlushAsync(cancellation.Token);
            if (failure is null)
            {
                await FollowAsync(cancellation.Token);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The client is gone, or the server is stopping: either way the watch is over.
        }
    }

    /// <summary>Finds where in history to go on, and what is to be told before.</summary>
    private IEnumerable<StoredObject> Start(out long version, out StatusException? failure)
    {
        CheckOptions();
        failure = null;
        version = cluster.Store.ResourceVersion;
        var asked = request.ResourceVersion;
        var sendsInitial = request.Query("sendInitialEvents");
        var initial = sendsInitial is { Length: > 0 } ? request.Flag("sendInitialEvents") : asked is null or 0;
        if (initial || asked is null or 0)
        {
            var now = collection.Now();
            position = now.Position;
            version = Math.Max(version, now.ResourceVersion);
            return initial ? now.Objects.Where(selection.Matches) : [];
        }

        startAfter = asked.Value;
        if (collection.PositionAfter(startAfter, out var oldest) is { } found)
        {
            position = found;
        }
        else
        {
            failure = Failures.TooOld(startAfter, oldest);
        }

        return [];
    }

    private void CheckOptions()
    {
        var match = request.Query("resourceVersionMatch") ?? "";
        var sends = request.Query("sendInitialEvents") is { Length: > 0 };
        string? problem =
            sends && match != "NotOlderThan" ? "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            : !sends && match.Length > 0
                ? "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            : null;
        if (problem is not null)
        {
            throw Failures.Invalid(
                new("meta.k8s.io", "v1", "", "ListOptions", false),
                "",
                [FieldError.Forbidden("resourceVersionMatch", problem)]
            );
        }
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        var timeout = request.Number("timeoutSeconds") is > 0 and var seconds
            ? TimeSpan.FromSeconds(seconds)
            : ShortestTimeout * (1 + Random.Shared.NextDouble());
        using var timers = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var end = Task.Delay(timeout, cluster.Clock, timers.Token);
        var started = cluster.Clock.GetTimestamp();
        var bookmarkTimes = new BookmarkTimes(timeout);
        var bookmark = NextBookmark();
        var changes = new Change[Batch];
        while (!end.IsCompleted)
        {
            cancellation.ThrowIfCancellationRequested();
            // The signal before the number before the changes: nothing falls between them.
            var changed = collection.Changed;
            var current = cluster.Store.ResourceVersion;
            if (collection.Read(position, changes) is not { } count)
            {
                WriteStatus(Failures.TooOld(startAfter, collection.Forgotten));
                await writer.FlushAsync(cancellation);
                break;
            }

            if (count > 0)
            {
                if (Write(changes.AsSpan(0, count)))
                {
                    await writer.FlushAsync(cancellation);
                }

                position += count;
                continue;
            }

            if (bookmark.IsCompleted && !end.IsCompleted)
            {
                await BookmarkAsync(current, cancellation);
                bookmark = NextBookmark();
            }

            await Task.WhenAny(changed, end, bookmark);
        }

        await timers.CancelAsync();

        Task NextBookmark() =>
            bookmarkTimes.Next(cluster.Clock.GetElapsedTime(started)) is { } wait
                ? Task.Delay(wait, cluster.Clock, timers.Token)
                : end;
    }

    private bool Write(ReadOnlySpan<Change> changes)
    {
        var written = false;
        foreach (var change in changes)
        {
            if (change.ResourceVersion > startAfter)
            {
                startAfter = change.ResourceVersion;
                written |= Write(change);
            }
        }

        return written;
    }

    /// <summary>What a change is to somebody who sees the selection only.</summary>
    private bool Write(Change change)
    {
        var before = change.Old is not null && selection.Matches(change.Old);
        var after = change.Type != ChangeType.Deleted && selection.Matches(change.New);
        switch (before, after)
        {
            case (false, false):
                return false;
            case (false, true):
                Write("ADDED"u8, change.New);
                break;
            case (true, true):
                Write("MODIFIED"u8, change.New);
                break;
            default:
                Write("DELETED"u8, change.Type == ChangeType.Deleted ? change.New : change.Left);
                break;
        }

        return true;
    }

    private void Write(ReadOnlySpan<byte> type, StoredObject stored)
    {
        writer.Write("{\"type\":\""u8);
        writer.Write(type);
        writer.Write("\",\"object\":"u8);
        writer.Write(Presentation.One(request, stored));
        writer.Write("}\n"u8);
    }

    private void WriteStatus(StatusException failure)
    {
        writer.Write("{\"type\":\"ERROR\",\"object\":"u8);
        writer.Write(JsonText.Bytes(failure.Status));
        writer.Write("}\n"u8);
    }

    /// <summary>Where the watcher is, though nothing of its selection has changed: a watch from here misses nothing.</summary>
    private async Task BookmarkAsync(long resourceVersion, CancellationToken cancellation)
    {
        if (bookmarks)
        {
            WriteBookmark(resourceVersion, initialEventsEnd: false);
            await writer.FlushAsync(cancellation);
        }
    }

    private void WriteBookmark(long resourceVersion, bool initialEventsEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = $"{resourceVersion}" };
        if (initialEventsEnd)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        var document = new JsonObject
        {
            ["kind"] = request.Kind.Name,
            ["apiVersion"] = request.Kind.ApiVersion,
            ["metadata"] = metadata,
        };
        if (request.Representation.Type == RepresentationType.Table)
        {
            document = new()
            {
                ["kind"] = "Table",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = new JsonObject { ["resourceVersion"] = $"{resourceVersion}" },
                ["columnDefinitions"] = new JsonArray(),
                ["rows"] = new JsonArray(),
            };
        }

        writer.Write("{\"type\":\"BOOKMARK\",\"object\":"u8);
        writer.Write(JsonText.Bytes(document));
        writer.Write("}\n"u8);
    }
}
