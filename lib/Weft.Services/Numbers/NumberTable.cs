namespace Weft.Services.Numbers;

/// <summary>
/// Numbers for keys, from 1 up, for maps that are indexed by them. A number belongs to its key while the key is used,
/// and afterwards until it is the longest unused and all others are taken: what still has the number of an old key
/// finds nothing rather than somebody else, and a key that comes back finds its own.
/// </summary>
/// <param name="capacity">The highest number. When all are used, no new key gets one.</param>
public sealed class NumberTable<TKey>(uint capacity)
    where TKey : notnull
{
    private readonly Dictionary<TKey, Entry> entries = [];
    private readonly LinkedList<TKey> unused = [];
    private readonly SortedSet<uint> skipped = [];
    private uint next = 1;

    /// <summary>Keys that are used.</summary>
    public int UsedCount => entries.Count - unused.Count;

    /// <summary>Notes that a key is used once more.</summary>
    /// <returns>Its number; null when all numbers are used.</returns>
    public uint? Take(TKey key)
    {
        if (!entries.TryGetValue(key, out var entry))
        {
            if (Fresh() is not { } number)
            {
                return null;
            }

            entries[key] = entry = new Entry(number);
        }
        else if (entry.Unused is { } place)
        {
            unused.Remove(place);
            entry.Unused = null;
        }

        entry.Uses++;
        return entry.Number;
    }

    /// <summary>Notes that a key is used once less.</summary>
    public void Release(TKey key)
    {
        var entry = entries[key];
        if (--entry.Uses == 0)
        {
            entry.Unused = unused.AddLast(key);
        }
    }

    /// <summary>The number of a key that is used.</summary>
    public uint? Find(TKey key) => entries.TryGetValue(key, out var entry) && entry.Uses > 0 ? entry.Number : null;

    /// <summary>Notes a number that was given before this program's start, for its key to find it again.</summary>
    /// <returns>False when the number or the key has been given otherwise since, or is beyond the capacity.</returns>
    public bool Remember(TKey key, uint number)
    {
        if (number == 0 || number > capacity || entries.ContainsKey(key))
        {
            return false;
        }

        if (number < next && !skipped.Remove(number))
        {
            return false;
        }

        for (; next < number; next++)
        {
            skipped.Add(next);
        }

        next = Math.Max(next, number + 1);
        entries[key] = new Entry(number) { Unused = unused.AddLast(key) };
        return true;
    }

    private uint? Fresh()
    {
        if (next <= capacity)
        {
            return next++;
        }

        if (skipped.Count > 0)
        {
            var number = skipped.Min;
            skipped.Remove(number);
            return number;
        }

        if (unused.First is not { } oldest)
        {
            return null;
        }

        unused.RemoveFirst();
        entries.Remove(oldest.Value, out var old);
        return old!.Number;
    }

    private sealed class Entry(uint number)
    {
        public uint Number => number;

        public int Uses { get; set; }

        public LinkedListNode<TKey>? Unused { get; set; }
    }
}
