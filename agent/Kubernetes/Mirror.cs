using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Agent.Kubernetes;

/// <summary>
/// The server's objects of one kind, as an <see cref="Informer{T}"/> has them, but that they are there from the start:
/// until the first list, what the last agent wrote down stands in for it.
/// </summary>
internal sealed class Mirror<T>
    where T : class, IKubernetesObject
{
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectKey, T> objects = [];
    private readonly Informer<T> informer;
    private bool isFresh;
    private bool isSeeded;

    public Mirror(KubernetesClient client, Resource<T> resource, InformerOptions<T> options)
    {
        informer = new Informer<T>(client, resource, options);
        informer.Changed += change => Apply(change.Key, change.New);
    }

    /// <summary>Raised for each change, in order, one at a time.</summary>
    public event Action<Change<T>>? Changed;

    /// <summary>Raised when the first list is in.</summary>
    public event Action? Fresh;

    /// <summary>True when the objects are the server's, and not only what was written down.</summary>
    public bool IsFresh => Volatile.Read(ref isFresh);

    /// <summary>True when there is anything to go by: the server's objects or what was written down.</summary>
    public bool IsUsable => IsFresh || Volatile.Read(ref isSeeded);

    /// <summary>All objects, as they are now.</summary>
    public IReadOnlyList<T> List()
    {
        lock (gate)
        {
            return [.. objects.Values];
        }
    }

    /// <summary>The object, or null.</summary>
    public T? Get(ObjectKey key)
    {
        lock (gate)
        {
            return objects.GetValueOrDefault(key);
        }
    }

    /// <summary>Takes what was written down. Before <see cref="RunAsync"/>.</summary>
    public void Seed(IEnumerable<T> written)
    {
        foreach (var obj in written)
        {
            Apply(ObjectKey.Of(obj), obj);
        }

        Volatile.Write(ref isSeeded, true);
    }

    /// <summary>Follows the server until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var following = informer.RunAsync(cancellation);
        await await Task.WhenAny(informer.SyncedAsync(cancellation), following);
        DropUnlisted();
        Volatile.Write(ref isFresh, true);
        Fresh?.Invoke();
        await following;
    }

    /// <summary>What was written down, and the server has no more.</summary>
    private void DropUnlisted()
    {
        lock (gate)
        {
            foreach (var key in objects.Keys.Where(key => informer.Get(key) is null).ToList())
            {
                Apply(key, null);
            }
        }
    }

    // Raised inside of the lock: two threads raise, and who listens must hear in order.
    private void Apply(ObjectKey key, T? now)
    {
        lock (gate)
        {
            objects.TryGetValue(key, out var old);
            if (now is not null)
            {
                objects[key] = now;
            }
            else if (!objects.Remove(key))
            {
                return;
            }

            Changed?.Invoke(new Change<T>(key, old, now));
        }
    }
}
