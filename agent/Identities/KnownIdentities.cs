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

    /// <summary>Takes a change of the objects.</summary>
    public void Apply(Change<WeftIdentity> change)
    {
        lock (gate)
        {
            if (byName.Remove(change.Key.Name, out var old))
            {
                byNumber[old.Number].Remove(old);
                if (byNumber[old.Number].Count == 0)
                {
                    byNumber.Remove(old.Number);
                }
            }

            if (change.New is { } now)
            {
                var entry = new Entry(now.Metadata.CreationTimestamp ?? default, change.Key.Name, now.Spec.Id);
                byName[entry.Name] = entry;
                if (!byNumber.TryGetValue(entry.Number, out var entries))
                {
                    byNumber[entry.Number] = entries = [];
                }

                entries.Add(entry);
            }
        }

        if (change.New is not null)
        {
            Known?.Invoke(change.New.Spec.Id);
        }

        Changed?.Invoke();
    }

    private readonly record struct Entry(DateTimeOffset Created, string Name, uint Number) : IComparable<Entry>
    {
        public int CompareTo(Entry other)
        {
            var byAge = Created.CompareTo(other.Created);
            return byAge != 0 ? byAge : string.CompareOrdinal(Name, other.Name);
        }
    }
}
