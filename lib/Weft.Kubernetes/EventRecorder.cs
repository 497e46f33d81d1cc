using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes;

/// <summary>
/// Tells the users of objects what happened to them, as Events of events.k8s.io/v1. Recording never waits: events go
/// through a bounded queue, and what does not fit is dropped and counted. An event that repeats is one object with a
/// count, written at most once a minute.
/// </summary>
public sealed partial class EventRecorder : IAsyncDisposable
{
    private const int LongestQueue = 1024;
    private const int MostRemembered = 1024;
    private const int LongestNote = 1024;
    private const int LongestName = 253;

    private static readonly TimeSpan SeriesPeriod = TimeSpan.FromMinutes(1);

    // As client-go: one that comes after a longer pause is a new event.
    private static readonly TimeSpan SeriesEnd = TimeSpan.FromMinutes(6);

    private readonly KubernetesClient client;
    private readonly string controller;
    private readonly string instance;
    private readonly TimeProvider time;
    private readonly Channel<Event> queue;
    private readonly Dictionary<string, Series> series = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly Task writing;
    private long dropped;

    /// <param name="client">Where to.</param>
    /// <param name="controller">Who reports, such as "weft.dev/operator".</param>
    /// <param name="instance">Which one of them, such as the pod's or the node's name.</param>
    /// <param name="time">Clock.</param>
    public EventRecorder(KubernetesClient client, string controller, string instance, TimeProvider? time = null)
    {
        this.client = client;
        this.controller = controller;
        this.instance = instance;
        this.time = time ?? TimeProvider.System;
        queue = Channel.CreateBounded<Event>(
            new BoundedChannelOptions(LongestQueue) { FullMode = BoundedChannelFullMode.DropWrite },
            _ => Interlocked.Increment(ref dropped)
        );
        writing = WriteAllAsync(stopping.Token);
    }

    /// <summary>Events that did not fit into the queue.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <summary>Something went as it should.</summary>
    /// <param name="resource">Kind of the object.</param>
    /// <param name="regarding">The object.</param>
    /// <param name="reason">Why, in one word: PodCIDRAllocated.</param>
    /// <param name="action">What was done, in one word: AllocatePodCIDR.</param>
    /// <param name="note">A sentence.</param>
    public void Normal<T>(Resource<T> resource, T regarding, string reason, string action, string note)
        where T : class, IKubernetesObject =>
        Record(resource, regarding, "Normal", reason, action, note, isShared: false);

    /// <summary>Something went wrong.</summary>
    /// <param name="resource">Kind of the object.</param>
    /// <param name="regarding">The object.</param>
    /// <param name="reason">Why, in one word.</param>
    /// <param name="action">What was to be done, in one word.</param>
    /// <param name="note">A sentence.</param>
    /// <param name="isShared">Whoever reports the same in the same words reports it in one Event: the first one's.</param>
    public void Warning<T>(
        Resource<T> resource,
        T regarding,
        string reason,
        string action,
        string note,
        bool isShared = false
    )
        where T : class, IKubernetesObject => Record(resource, regarding, "Warning", reason, action, note, isShared);

    /// <summary>Stops; events that are still in the queue are dropped.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await stopping.CancelAsync();
        await writing;
        stopping.Dispose();
    }

    private void Record<T>(
        Resource<T> resource,
        T regarding,
        string type,
        string reason,
        string action,
        string note,
        bool isShared
    )
        where T : class, IKubernetesObject
    {
        var meta = regarding.Metadata;
        var now = time.GetUtcNow();
        var suffix = isShared ? $".{HashOf($"{meta.Uid}/{reason}/{note}"):x16}" : $".{now.UtcTicks:x}";
        var name = meta.Name ?? "";
        queue.Writer.TryWrite(
            new Event
            {
                Metadata = new ObjectMeta
                {
                    // What is in no namespace has its events in this one.
                    Namespace = meta.Namespace ?? "default",
                    Name = name[..Math.Min(name.Length, LongestName - suffix.Length)] + suffix,
                },
                EventTime = now,
                ReportingController = controller,
                ReportingInstance = instance,
                Type = type,
                Reason = reason,
                Action = action,
                Note = note[..Math.Min(note.Length, LongestNote)],
                Regarding = new ObjectReference
                {
                    ApiVersion = resource.ApiVersion,
                    Kind = resource.Kind,
                    Namespace = meta.Namespace,
                    Name = meta.Name,
                    Uid = meta.Uid,
                    ResourceVersion = meta.ResourceVersion,
                },
            }
        );
    }

    private static ulong HashOf(string text) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private async Task WriteAllAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var seen in queue.Reader.ReadAllAsync(cancellation))
            {
                try
                {
                    await WriteAsync(seen, cancellation);
                }
                catch (Exception e) when (e is KubernetesException or ConfigurationException)
                {
                    // Events are for people to read, not for anything to rely on.
                    Log.NotWritten(client.Logger, seen.Reason, e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task WriteAsync(Event seen, CancellationToken cancellation)
    {
        var key = $"{seen.Regarding!.Uid}/{seen.Regarding.Name}/{seen.Type}/{seen.Reason}/{seen.Action}/{seen.Note}";
        var now = seen.EventTime!.Value;
        if (series.TryGetValue(key, out var known) && now - known.Seen < SeriesEnd)
        {
            known.Seen = now;
            known.Count++;
            if (now - known.Written >= SeriesPeriod)
            {
                known.Written = now;
                await client.PatchAsync(Kinds.Events, known.Key, Patch.Merge(known.Change()), cancellation);
            }

            return;
        }

        if (series.Count >= MostRemembered)
        {
            // All at once: the worst that follows is an event twice.
            series.Clear();
        }

        series[key] = new Series(ObjectKey.Of(seen), now);
        try
        {
            await client.CreateAsync(Kinds.Events, seen, cancellation);
        }
        catch (KubernetesException e) when (e.IsAlreadyExists)
        {
            // Somebody else has reported the same.
        }
    }

    private sealed class Series(ObjectKey key, DateTimeOffset first)
    {
        public ObjectKey Key => key;
        public int Count { get; set; } = 1;
        public DateTimeOffset Seen { get; set; } = first;
        public DateTimeOffset Written { get; set; } = first;

        public JsonObject Change() =>
            new()
            {
                ["series"] = new JsonObject { ["count"] = Count, ["lastObservedTime"] = MicroTimeConverter.Text(Seen) },
            };
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "event {Reason} was not written: {Error}")]
        public static partial void NotWritten(ILogger logger, string? reason, string error);
    }
}
