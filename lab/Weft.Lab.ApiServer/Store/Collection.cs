using System.Collections.Immutable;

namespace Weft.Lab.ApiServer.Store;

/// <summary>
/// All objects of one resource and the last changes to them. Readers take a snapshot and never wait; one writer at a
/// time, which the store sees to.
/// </summary>
internal sealed class Collection(string name)
{
    /// <summary>
    /// Changes that are kept for watches to go on from. Between one and two times as many are there, for the front is
    /// cut in one go.
    /// </summary>
    public const int HistoryLength = 10_000;

    private static readonly Comparer<StoredObject> ByKey = Comparer<StoredObject>.Create(
        (left, right) => string.CompareOrdinal(left.Key, right.Key)
    );

    private readonly List<Change> history = [];
    private readonly Lock gate = new();
    private long firstPosition;
    private long forgotten;
    private ImmutableSortedSet<StoredObject> objects = ImmutableSortedSet.Create<StoredObject>(ByKey);
    private TaskCompletionSource changed = NewSignal();

    public string Name { get; } = name;

    /// <summary>In the order of keys.</summary>
    public ImmutableSortedSet<StoredObject> Objects => Volatile.Read(ref objects);

    /// <summary>Ends at the next change. Take it before reading, so that no change falls between.</summary>
    public Task Changed => Volatile.Read(ref changed).Task;

    public StoredObject? Find(string key) => Objects.TryGetValue(StoredObject.Probe(key), out var found) ? found : null;

    /// <summary>Puts an object that was there when the history began.</summary>
    public void Restore(StoredObject stored)
    {
        objects = objects.Remove(stored).Add(stored);
        forgotten = Math.Max(forgotten, stored.ResourceVersion);
    }

    /// <summary>What is older than this is not known: a deletion leaves no object behind that would say so.</summary>
    public void RestoreForgotten(long resourceVersion) => forgotten = Math.Max(forgotten, resourceVersion);

    public void Apply(Change change)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            var without = objects.Remove(change.New);
            Volatile.Write(ref objects, change.Type == ChangeType.Deleted ? without : without.Add(change.New));
            history.Add(change);
            if (history.Count > 2 * HistoryLength)
            {
                var cut = history.Count - HistoryLength;
                forgotten = history[cut - 1].ResourceVersion;
                history.RemoveRange(0, cut);
                firstPosition += cut;
            }

            signal = changed;
            Volatile.Write(ref changed, NewSignal());
        }

        signal.SetResult();
    }

    /// <summary>
    /// The position in history after a resourceVersion; null when changes after it are forgotten, and the oldest
    /// resourceVersion that could be gone on from is <paramref name="oldest"/>.
    /// </summary>
    public long? PositionAfter(long resourceVersion, out long oldest)
    {
        lock (gate)
        {
            oldest = forgotten;
            return resourceVersion < forgotten ? null : firstPosition + IndexAfter(resourceVersion);
        }
    }

    /// <summary>Changes up to this resourceVersion are forgotten.</summary>
    public long Forgotten
    {
        get
        {
            lock (gate)
            {
                return forgotten;
            }
        }
    }

    /// <summary>Objects now, where in history now is, and the resourceVersion of the last change.</summary>
    public (ImmutableSortedSet<StoredObject> Objects, long Position, long ResourceVersion) Now()
    {
        lock (gate)
        {
            return (
                objects,
                firstPosition + history.Count,
                history.Count > 0 ? history[^1].ResourceVersion : forgotten
            );
        }
    }

    /// <summary>Changes from a position on, as many as the buffer takes; null when they are forgotten.</summary>
    public int? Read(long position, Span<Change> buffer)
    {
        lock (gate)
        {
            if (position < firstPosition)
            {
                return null;
            }

            var index = (int)(position - firstPosition);
            var count = Math.Min(buffer.Length, history.Count - index);
            history.Slice(index, count).CopyTo(buffer);
            return count;
        }
    }

    /// <summary>Objects as they were at a resourceVersion, or null when history does not go back so far.</summary>
    public ImmutableSortedSet<StoredObject>? At(long resourceVersion)
    {
        lock (gate)
        {
            if (resourceVersion < forgotten)
            {
                return null;
            }

            var then = objects.ToBuilder();
            for (var index = history.Count - 1; index >= 0 && history[index].ResourceVersion > resourceVersion; index--)
            {
                then.Remove(history[index].New);
                if (history[index].Old is { } old)
                {
                    then.Add(old);
                }
            }

            return then.ToImmutable();
        }
    }

    /// <summary>The objects when the kept history began, how far back that is, and the history: the whole state.</summary>
    public (ImmutableSortedSet<StoredObject> Objects, long Forgotten, IReadOnlyList<Change> History) Everything()
    {
        lock (gate)
        {
            return (At(forgotten)!, forgotten, [.. history]);
        }
    }

    private int IndexAfter(long resourceVersion)
    {
        var (low, high) = (0, history.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (history[middle].ResourceVersion <= resourceVersion)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    // Watchers go on by themselves: the writer does not run them.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
