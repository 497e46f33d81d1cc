using System.Runtime.CompilerServices;
using Weft.Bpf.Native;

namespace Weft.Bpf;

/// <summary>A map with typed keys and values. It belongs to the object it came from and is safe for several threads.</summary>
public sealed unsafe class BpfMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const ulong Any = 0;
    private readonly int fd;

    internal BpfMap(string name, int fd, uint capacity)
    {
        Name = name;
        this.fd = fd;
        Capacity = capacity;
    }

    /// <summary>The map's name.</summary>
    public string Name { get; }

    /// <summary>The most entries it can hold (max_entries).</summary>
    public uint Capacity { get; }

    /// <summary>Reads a value; false when there is no such key.</summary>
    public bool TryLookup(TKey key, out TValue value)
    {
        fixed (TValue* into = &value)
        {
            var result = Libbpf.bpf_map_lookup_elem(fd, &key, into);
            return result switch
            {
                0 => true,
                -Errno.ENOENT => false,
                _ => throw Failure("look up in", result),
            };
        }
    }

    /// <summary>Reads the values of all possible CPUs of a per-CPU map; an absent key is an error.</summary>
    public TValue[] LookupPerCpu(TKey key)
    {
        // The kernel rounds each CPU's value up to 8 bytes.
        var stride = (sizeof(TValue) + 7) & ~7;
        var values = new TValue[Libbpf.libbpf_num_possible_cpus()];
        var bytes = new byte[values.Length * stride];
        fixed (byte* start = bytes)
        {
            var result = Libbpf.bpf_map_lookup_elem(fd, &key, start);
            if (result < 0)
            {
                throw Failure("look up in", result);
            }

            for (var i = 0; i < values.Length; i++)
            {
                values[i] = Unsafe.ReadUnaligned<TValue>(start + (i * stride));
            }
        }

        return values;
    }

    /// <summary>Inserts or replaces.</summary>
    /// <exception cref="BpfException">Of a full map, <see cref="BpfException.IsMapFull"/> is true.</exception>
    public void Update(TKey key, TValue value)
    {
        var result = Libbpf.bpf_map_update_elem(fd, &key, &value, Any);
        if (result < 0)
        {
            throw Failure("update", result);
        }
    }

    /// <summary>Removes a key; false when it was not there.</summary>
    public bool Remove(TKey key)
    {
        var result = Libbpf.bpf_map_delete_elem(fd, &key);
        return result switch
        {
            0 => true,
            -Errno.ENOENT => false,
            _ => throw Failure("delete from", result),
        };
    }

    /// <summary>
    /// All entries of a map that only this process changes. One removed by somebody else meanwhile makes the walk
    /// start over, so keys may come twice.
    /// </summary>
    public Dictionary<TKey, TValue> ToDictionary()
    {
        var entries = new Dictionary<TKey, TValue>();
        Walk((key, value) => entries[key] = value);
        return entries;
    }

    /// <summary>As <see cref="ToDictionary"/>, one entry after the other. The visitor must not remove any.</summary>
    public void Walk(Action<TKey, TValue> visit)
    {
        for (var more = TryNext(null, out var key); more; more = TryNext(&key, out key))
        {
            if (TryLookup(key, out var value))
            {
                visit(key, value);
            }
        }
    }

    /// <summary>
    /// As <see cref="ToDictionary"/>, so many entries at most, whichever come first; also of a map that programs change.
    /// </summary>
    public List<(TKey Key, TValue Value)> Take(int most)
    {
        var entries = new List<(TKey, TValue)>();
        for (var more = TryNext(null, out var key); more && entries.Count < most; more = TryNext(&key, out key))
        {
            if (TryLookup(key, out var value))
            {
                entries.Add((key, value));
            }
        }

        return entries;
    }

    /// <summary>How many entries there are, counted one by one.</summary>
    public long Count()
    {
        long count = 0;
        for (var more = TryNext(null, out var key); more && count < Capacity; more = TryNext(&key, out key))
        {
            count++;
        }

        return count;
    }

    private bool TryNext(TKey* key, out TKey next)
    {
        fixed (TKey* into = &next)
        {
            var result = Libbpf.bpf_map_get_next_key(fd, key, into);
            return result switch
            {
                0 => true,
                -Errno.ENOENT => false,
                _ => throw Failure("walk", result),
            };
        }
    }

    private BpfException Failure(string verb, int result) =>
        new($"{verb} map \"{Name}\" of {Capacity} entries", -result);
}
