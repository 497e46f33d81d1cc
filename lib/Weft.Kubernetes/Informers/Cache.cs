using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes.Informers;

/// <summary>Objects by key and by index. One task writes, any thread reads.</summary>
internal sealed class Cache<T>(IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> indexes)
    where T : class, IKubernetesObject
{
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectKey, T> objects = [];

    // Sets by reference: records compare by their content, which is slow and not meant here.
    private readonly Dictionary<(string Index, string Key), HashSet<T>> indexed = [];

    public int Count
    {
        get
        {
            lock (gate)
            {
                return objects.Count;
            }
        }
    }

    public T? Get(ObjectKey key)
    {
        lock (gate)
        {
            return objects.GetValueOrDefault(key);
        }
    }

    public IReadOnlyCollection<T> List()
    {
        lock (gate)
        {
            return [.. objects.Values];
        }
    }

    public IReadOnlyCollection<T> ByIndex(string index, string key)
    {
        if (!indexes.ContainsKey(index))
        {
            throw new ArgumentException($"there is no index {index}, only {string.Join(", ", indexes.Keys)}");
        }

        lock (gate)
        {
            return indexed.TryGetValue((index, key), out var found) ? [.. found] : [];
        }
    }

    public IReadOnlyList<ObjectKey> Keys()
    {
        lock (gate)
        {
            return [.. objects.Keys];
        }
    }

    /// <summary>Puts an object in, or takes it out.</summary>
    public void Set(ObjectKey key, T? now)
    {
        lock (gate)
        {
            if (objects.Remove(key, out var old))
            {
                Index(old, (set, obj) => set.Remove(obj));
            }

            if (now is not null)
            {
                objects.Add(key, now);
                Index(now, (set, obj) => set.Add(obj));
            }
        }
    }

    private void Index(T obj, Func<HashSet<T>, T, bool> change)
    {
        foreach (var (index, keys) in indexes)
        {
            foreach (var key in keys(obj))
            {
                if (!indexed.TryGetValue((index, key), out var set))
                {
                    indexed[(index, key)] = set = new HashSet<T>(ReferenceEqualityComparer.Instance);
                }

                change(set, obj);
                if (set.Count == 0)
                {
                    indexed.Remove((index, key));
                }
            }
        }
    }
}
