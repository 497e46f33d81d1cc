using Weft.Kubernetes;
using Weft.Resources;

namespace Weft.Agent.Identities;

/// <summary>
/// The numbers that WeftIdentities have, by name. Of two that have the same number, as two operators at once may make
/// them, the older one has it, and by name when they are as old; the other has none until the operator has made it anew.
/// </summary>
internal sealed class KnownIdentities
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> byName = [];
    private readonly Dictionary<uint, List<Entry>> byNumber = [];

    /// <summary>
    /// A number means this from now on, or nothing any more. Raised before anybody can see the number here, and after
    /// nobody can any more: whoever judges by it knows it first.
    /// </summary>
    public event Action<uint, WeftIdentitySpec?>? Means;

    /// <summary>A number is in use from now on.</summary>
    public event Action<uint>? Known;

    /// <summary>Names or numbers have changed.</summary>
    public event Action? Changed;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return byName.Count;
            }
        }
    }

    /// <summary>Numbers that identities have.</summary>
    public IReadOnlySet<uint> Numbers()
    {
        lock (gate)
        {
            return byNumber.Keys.ToHashSet();
        }
    }

    /// <summary>Whether an identity has the number.</summary>
    public bool IsKnown(uint number)
    {
        lock (gate)
        {
            return byNumber.ContainsKey(number);
        }
    }

    /// <summary>The number of the identity with this name, or null.</summary>
    public uint? NumberOf(string name)
    {
        lock (gate)
        {
            return byName.TryGetValue(name, out var entry) && byNumber[entry.Number].Min() == entry
                ? entry.Number
                : null;
        }
    }

    /// <summary>Takes a change of the objects; one at a time.</summary>
    public void Apply(Change<WeftIdentity> change)
    {
        var now = change.New is { } identity
            ? new Entry(identity.Metadata.CreationTimestamp ?? default, change.Key.Name, identity.Spec)
            : null;
        if (Remove(change.Key.Name) is { } freed && freed != now?.Number)
        {
            Means?.Invoke(freed, OldestOf(freed)?.Spec);
        }

        if (now is not null)
        {
            var oldest = OldestOf(now.Number);
            Means?.Invoke(now.Number, oldest is null || now.CompareTo(oldest) < 0 ? now.Spec : oldest.Spec);
            Add(now);
            Known?.Invoke(now.Number);
        }

        Changed?.Invoke();
    }

    private uint? Remove(string name)
    {
        lock (gate)
        {
            if (!byName.Remove(name, out var old))
            {
                return null;
            }

            byNumber[old.Number].Remove(old);
            if (byNumber[old.Number].Count == 0)
            {
                byNumber.Remove(old.Number);
            }

            return old.Number;
        }
    }

    private void Add(Entry entry)
    {
        lock (gate)
        {
            byName[entry.Name] = entry;
            if (!byNumber.TryGetValue(entry.Number, out var entries))
            {
                byNumber[entry.Number] = entries = [];
            }

            entries.Add(entry);
        }
    }

    private Entry? OldestOf(uint number)
    {
        lock (gate)
        {
            return byNumber.TryGetValue(number, out var entries) ? entries.Min() : null;
        }
    }

    private sealed class Entry(DateTimeOffset created, string name, WeftIdentitySpec spec) : IComparable<Entry>
    {
        public string Name => name;

        public WeftIdentitySpec Spec => spec;

        public uint Number => spec.Id;

        public int CompareTo(Entry? other)
        {
            var byAge = created.CompareTo(other!.Created);
            return byAge != 0 ? byAge : string.CompareOrdinal(name, other.Name);
        }

        private DateTimeOffset Created => created;
    }
}
