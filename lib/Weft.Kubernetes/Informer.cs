using Microsoft.Extensions.Logging;
using Weft.Kubernetes.Informers;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes;

/// <summary>
/// The server's objects of one kind in memory, and every difference to before, once. It lists, watches from the list's
/// version on, and goes on from the last event or bookmark when the watch ends or breaks. Only when the server no
/// longer has that version does it list again; the list is then compared with the cache, so that nothing is lost and
/// nothing invented.
/// </summary>
/// <remarks>
/// It does not ask the server to send the first list as watch events (sendInitialEvents, KEP-3157): that saves the
/// server memory, not the client, and servers before 1.34 need the way by list anyhow.
/// </remarks>
public sealed partial class Informer<T>
    where T : class, IKubernetesObject
{
    private readonly KubernetesClient client;
    private readonly Resource<T> resource;
    private readonly InformerOptions<T> options;
    private readonly Lister<T> lister;
    private readonly Cache<T> cache;
    private readonly Backoff backoff;
    private readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Which version the next list must not be older than. "0" is any.
    private string notOlderThan = "0";

    // Whether it was told that the server refuses; what follows of the same is not worth a line.
    private bool isRefused;

    // Null: list first. Only the informer's task writes it; others read it.
    private volatile string? version;

    /// <summary>Does nothing until <see cref="RunAsync"/>.</summary>
    public Informer(KubernetesClient client, Resource<T> resource, InformerOptions<T>? options = null)
        : this(client, resource, options ?? new InformerOptions<T>(), Backoff.Default) { }

    internal Informer(KubernetesClient client, Resource<T> resource, InformerOptions<T> options, Backoff backoff)
    {
        this.client = client;
        this.resource = resource;
        this.options = options;
        this.backoff = backoff;
        lister = new Lister<T>(client, resource, options);
        cache = new Cache<T>(options.Indexes);
    }

    /// <summary>
    /// Raised for each change, in order, on the informer's task, after the cache has it. A handler that throws ends
    /// <see cref="RunAsync"/>; one that takes long delays what follows: put keys into a <see cref="WorkQueue{TKey}"/>.
    /// </summary>
    public event Action<Change<T>>? Changed;

    /// <summary>Whether the first list is in the cache and has been raised.</summary>
    public bool HasSynced => synced.Task.IsCompletedSuccessfully;

    /// <summary>The server's version that the cache is of; empty before the first list.</summary>
    public string LastSyncResourceVersion => version ?? "";

    /// <summary>Objects in the cache.</summary>
    public int Count => cache.Count;

    /// <summary>Follows the server until cancelled, whatever the server does.</summary>
    /// <exception cref="ConfigurationException">The credentials cannot be used, before the first list.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            TimeSpan? pause;
            try
            {
                if (version is null)
                {
                    await ListAsync(cancellation);
                }

                pause = await WatchAsync(cancellation);
                WatchEnded(WatchEnd.Ended);
            }
            catch (KubernetesException e)
            {
                // Without a version there was no watch yet: it was the list that failed.
                if (version is not null)
                {
                    WatchEnded(
                        e.IsGone ? WatchEnd.Expired
                        : e.IsUnreachable ? WatchEnd.Interrupted
                        : WatchEnd.Refused
                    );
                }

                pause = AfterFailure(e);
            }
            catch (ConfigurationException e) when (HasSynced)
            {
                // A file or plugin that was there fails now: what is known stays until it is back.
                WatchEnded(WatchEnd.Refused);
                TellRefused(e.Message);
                pause = backoff.Next();
            }

            cancellation.ThrowIfCancellationRequested();
            if (pause is { } wait)
            {
                await Task.Delay(wait, cancellation);
            }
        }
    }

    /// <summary>Ends when the first list is in the cache and has been raised.</summary>
    public Task SyncedAsync(CancellationToken cancellation) => synced.Task.WaitAsync(cancellation);

    /// <summary>The object, or null.</summary>
    public T? Get(ObjectKey key) => cache.Get(key);

    /// <summary>All objects, as they are now.</summary>
    public IReadOnlyCollection<T> List() => cache.List();

    /// <summary>The objects that an index has under a key, as they are now.</summary>
    public IReadOnlyCollection<T> ByIndex(string index, string key) => cache.ByIndex(index, key);

    private async Task ListAsync(CancellationToken cancellation)
    {
        // What did not change stays the object it was: while listing, only changes take memory.
        var listed = new Dictionary<ObjectKey, T>();
        var at = await lister.ListAsync(
            notOlderThan,
            listed.Clear,
            obj => cache.Get(KeyOf(obj)) is { } old && IsSame(old, obj) ? old : Trimmed(obj),
            obj => listed[KeyOf(obj)] = obj,
            cancellation
        );

        // Going first, so that an address that moved to another object is free before it is taken.
        foreach (var key in cache.Keys())
        {
            if (!listed.ContainsKey(key))
            {
                Apply(key, null);
            }
        }

        foreach (var (key, obj) in listed)
        {
            Apply(key, obj);
        }

        (version, notOlderThan) = (at, at);
        TellGoesOn();
        synced.TrySetResult();
    }

    /// <summary>Watches until the server ends it. Returns how long to wait before going on.</summary>
    private async Task<TimeSpan?> WatchAsync(CancellationToken cancellation)
    {
        var changed = false;
        var watch = client.WatchAsync(
            resource,
            new WatchOptions
            {
                Namespace = options.Namespace,
                LabelSelector = options.LabelSelector,
                FieldSelector = options.FieldSelector,
                ResourceVersion = version,
                Timeout = options.WatchTimeout,
            },
            cancellation
        );
        await foreach (var (type, obj, at, status) in watch)
        {
            if (type == WatchEventType.Error)
            {
                throw new KubernetesException((System.Net.HttpStatusCode)(status?.Code ?? 500), status ?? new Status());
            }

            if (type != WatchEventType.Bookmark)
            {
                Apply(KeyOf(obj!), type == WatchEventType.Deleted ? null : Trimmed(obj!));
                changed = true;
            }

            // After the change was raised: what a handler's exception kept from being raised comes again.
            version = notOlderThan = at ?? version!;
            backoff.Reset();
            TellGoesOn();
        }

        // A server that ends watches at once is not well, and after a quiet one a pause costs nothing.
        return changed ? null : backoff.Next();
    }

    private void WatchEnded(WatchEnd why) => client.Metrics?.WatchEnded(resource.Plural, why);

    private TimeSpan AfterFailure(KubernetesException e)
    {
        if (e.IsGone)
        {
            // A list that is refused so has been asked for a version the server does not know: ask for the newest.
            notOlderThan = version is null ? "" : notOlderThan;
            version = null;
        }
        else if (version is null && e.Status is not null)
        {
            // "Too large resource version": the server was restored from a backup, or lags behind.
            notOlderThan =
                e.Status.Details?.Causes?.Any(c => c.Reason == "ResourceVersionTooLarge") == true ? "" : notOlderThan;
        }

        if (e.IsGone)
        {
            Log.Gone(client.Logger, resource, e.Message);
        }
        else if (e.IsUnreachable)
        {
            // The client says once for all that the server does not answer; a watch that is cut is nothing unusual.
            Log.Cut(client.Logger, resource, e.Message);
        }
        else
        {
            TellRefused(e.Message);
        }

        var pause = backoff.Next();
        return e.RetryAfter is { } after && after > pause ? after : pause;
    }

    private void TellRefused(string why)
    {
        if (!isRefused)
        {
            Log.Refused(client.Logger, resource, why);
            isRefused = true;
        }
    }

    private void TellGoesOn()
    {
        if (isRefused)
        {
            Log.GoesOn(client.Logger, resource);
            isRefused = false;
        }
    }

    private void Apply(ObjectKey key, T? now)
    {
        var old = cache.Get(key);
        if (old is null ? now is null : now is not null && IsSame(old, now))
        {
            return;
        }

        if (old is not null && now is not null && old.Metadata.Uid != now.Metadata.Uid)
        {
            // Deleted and made again: two changes, whose two objects have nothing to do with each other.
            cache.Set(key, null);
            Changed?.Invoke(new Change<T>(key, old, null));
            old = null;
        }

        cache.Set(key, now);
        Changed?.Invoke(new Change<T>(key, old, now));
    }

    private ObjectKey KeyOf(T obj) =>
        obj.Metadata?.Name is null
            ? throw new KubernetesException($"the server sent one of {resource} without a name")
            : ObjectKey.Of(obj);

    private T Trimmed(T obj) => options.Transform?.Invoke(obj) ?? obj;

    private static bool IsSame(T a, T b) =>
        a.Metadata.ResourceVersion == b.Metadata.ResourceVersion && a.Metadata.Uid == b.Metadata.Uid;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "listing {Resource} again: {Reason}")]
        public static partial void Gone(ILogger logger, Resource<T> resource, string reason);

        [LoggerMessage(LogLevel.Debug, "following {Resource} is interrupted: {Reason}")]
        public static partial void Cut(ILogger logger, Resource<T> resource, string reason);

        [LoggerMessage(LogLevel.Warning, "following {Resource} is refused; it is tried until it is not: {Reason}")]
        public static partial void Refused(ILogger logger, Resource<T> resource, string reason);

        [LoggerMessage(LogLevel.Information, "following {Resource} goes on")]
        public static partial void GoesOn(ILogger logger, Resource<T> resource);
    }
}
