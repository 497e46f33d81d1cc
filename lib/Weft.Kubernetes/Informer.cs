using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes;

/// <summary>The server's objects of one kind, kept in memory by list and watch.</summary>
public sealed class Informer<T>(KubernetesClient client, Resource<T> resource, InformerOptions<T> options)
    where T : class, IKubernetesObject
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ObjectKey, T> objects = [];

    /// <summary>Raised for each change, in order, on the informer's task.</summary>
    public event Action<Change<T>>? Changed;

    /// <summary>Whether the first list is in the cache and has been raised.</summary>
    public bool HasSynced => synced.Task.IsCompletedSuccessfully;

    /// <summary>The server's version that the cache is of.</summary>
    public string LastSyncResourceVersion { get; private set; } = "";

    /// <summary>Follows the server until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await ListAndWatchAsync(cancellation);
            }
            catch (KubernetesException)
            {
                // The next list says more.
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        }
    }

    /// <summary>Ends when the first list is in the cache and has been raised.</summary>
    public Task SyncedAsync(CancellationToken cancellation) => synced.Task.WaitAsync(cancellation);

    /// <summary>The object, or null.</summary>
    public T? Get(ObjectKey key)
    {
        lock (gate)
        {
            return objects.GetValueOrDefault(key);
        }
    }

    /// <summary>All objects, as they are now.</summary>
    public IReadOnlyCollection<T> List()
    {
        lock (gate)
        {
            return [.. objects.Values];
        }
    }

    /// <summary>The objects that an index has under a key, as they are now.</summary>
    public IReadOnlyCollection<T> ByIndex(string index, string key)
    {
        var keys = options.Indexes[index];
        lock (gate)
        {
            return [.. objects.Values.Where(obj => keys(obj).Contains(key))];
        }
    }

    private async Task ListAndWatchAsync(CancellationToken cancellation)
    {
        var listed = new Dictionary<ObjectKey, T>();
        string? page = null;
        do
        {
            var list = await client.ListAsync(
                resource,
                new ListOptions
                {
                    Namespace = options.Namespace,
                    LabelSelector = options.LabelSelector,
                    FieldSelector = options.FieldSelector,
                    Limit = 500,
                    Continue = page,
                },
                cancellation
            );
            foreach (var item in list.Items ?? [])
            {
                var kept = options.Transform?.Invoke(item) ?? item;
                listed[ObjectKey.Of(kept)] = kept;
            }

            page = list.Metadata?.Continue;
            LastSyncResourceVersion = list.Metadata?.ResourceVersion ?? "";
        } while (!string.IsNullOrEmpty(page));

        foreach (var key in objects.Keys.Except(listed.Keys).ToList())
        {
            Apply(key, null);
        }

        foreach (var (key, obj) in listed)
        {
            Apply(key, obj);
        }

        synced.TrySetResult();
        var watch = client.WatchAsync(
            resource,
            new WatchOptions
            {
                Namespace = options.Namespace,
                LabelSelector = options.LabelSelector,
                FieldSelector = options.FieldSelector,
                ResourceVersion = LastSyncResourceVersion,
            },
            cancellation
        );
        await foreach (var seen in watch)
        {
            if (seen.Object is not { } obj)
            {
                return;
            }

            LastSyncResourceVersion = obj.Metadata.ResourceVersion!;
            if (seen.Type != WatchEventType.Bookmark)
            {
                var kept = options.Transform?.Invoke(obj) ?? obj;
                Apply(ObjectKey.Of(obj), seen.Type == WatchEventType.Deleted ? null : kept);
            }
        }
    }

    private void Apply(ObjectKey key, T? now)
    {
        T? old;
        lock (gate)
        {
            objects.TryGetValue(key, out old);
            if (now is not null)
            {
                objects[key] = now;
            }
            else
            {
                objects.Remove(key);
            }
        }

        if (old?.Metadata.ResourceVersion != now?.Metadata.ResourceVersion)
        {
            Changed?.Invoke(new Change<T>(key, old, now));
        }
    }
}
