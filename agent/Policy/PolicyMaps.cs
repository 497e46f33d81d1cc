using Weft.Bpf;
using Weft.Datapath;
using Weft.Net;
using Weft.Policy.Entries;

namespace Weft.Agent.Policy;

/// <summary>The maps that hold policy sets. For one thread at a time.</summary>
internal sealed class PolicyMaps
{
    private readonly BpfMap<PolicyKey, PolicyValue> policy;
    private readonly BpfMap<PolicyBlockKey, PolicyBlock> blocks;

    /// <summary>Counts what is there.</summary>
    public PolicyMaps(BpfMap<PolicyKey, PolicyValue> policy, BpfMap<PolicyBlockKey, PolicyBlock> blocks)
    {
        (this.policy, this.blocks) = (policy, blocks);
        policy.Walk((_, _) => Entries++);
        blocks.Walk((_, _) => Blocks++);
    }

    /// <summary>Entries of the map policy.</summary>
    public int Entries { get; private set; }

    /// <summary>Entries of the map policy_blocks.</summary>
    public int Blocks { get; private set; }

    /// <summary>The most entries of the map policy.</summary>
    public uint EntriesCapacity => policy.Capacity;

    /// <summary>The most entries of the map policy_blocks.</summary>
    public uint BlocksCapacity => blocks.Capacity;

    /// <summary>Numbers of all sets that have anything in the maps.</summary>
    public IReadOnlySet<uint> Numbers()
    {
        var numbers = new HashSet<uint>();
        policy.Walk((key, _) => numbers.Add(key.Set));
        blocks.Walk((key, _) => numbers.Add(key.Set));
        return numbers;
    }

    /// <summary>Writes a set that nobody uses yet, or nothing of it.</summary>
    /// <returns>Null, or why it cannot be written.</returns>
    public string? TryWrite(uint number, SetContent content)
    {
        if (Entries + content.Entries.Count > policy.Capacity)
        {
            return Full(policy.Name, policy.Capacity);
        }

        if (Blocks + content.Blocks.Count > blocks.Capacity)
        {
            return Full(blocks.Name, blocks.Capacity);
        }

        if (Add(number, content.Entries).Count == 0 && TryAdd(number, content.Blocks))
        {
            return null;
        }

        Remove(number, content);
        return "the kernel has no memory for it";
    }

    /// <summary>Adds entries that the set does not have.</summary>
    /// <returns>Those that could not be written.</returns>
    public IReadOnlyDictionary<PolicyEntry, uint> Add(uint number, IReadOnlyDictionary<PolicyEntry, uint> entries)
    {
        var left = new Dictionary<PolicyEntry, uint>();
        foreach (var (entry, rule) in entries)
        {
            // Once one has failed, the next would too.
            if (left.Count == 0 && Try(() => policy.Update(KeyOf(number, entry), new PolicyValue { Rule = rule })))
            {
                Entries++;
            }
            else
            {
                left[entry] = rule;
            }
        }

        return left;
    }

    /// <summary>Removes those of these entries that are there.</summary>
    public void Remove(uint number, IEnumerable<PolicyEntry> entries)
    {
        foreach (var entry in entries)
        {
            Entries -= policy.Remove(KeyOf(number, entry)) ? 1 : 0;
        }
    }

    /// <summary>Removes a set that nobody uses any more.</summary>
    public void Remove(uint number, SetContent content)
    {
        Remove(number, content.Entries.Keys);
        foreach (var prefix in content.Blocks.Keys)
        {
            Blocks -= blocks.Remove(PolicyBlockKey.Of(number, prefix)) ? 1 : 0;
        }
    }

    /// <summary>Removes sets of which nothing but the numbers is known.</summary>
    public void Remove(IReadOnlySet<uint> numbers)
    {
        var entries = new List<PolicyKey>();
        policy.Walk(
            (key, _) =>
            {
                if (numbers.Contains(key.Set))
                {
                    entries.Add(key);
                }
            }
        );
        entries.ForEach(key => Entries -= policy.Remove(key) ? 1 : 0);
        var prefixes = new List<PolicyBlockKey>();
        blocks.Walk(
            (key, _) =>
            {
                if (numbers.Contains(key.Set))
                {
                    prefixes.Add(key);
                }
            }
        );
        prefixes.ForEach(key => Blocks -= blocks.Remove(key) ? 1 : 0);
    }

    private bool TryAdd(uint number, IReadOnlyDictionary<Prefix, uint> prefixes) =>
        prefixes.All(prefix =>
        {
            var written = Try(() =>
                blocks.Update(PolicyBlockKey.Of(number, prefix.Key), new PolicyBlock { Peer = prefix.Value })
            );
            Blocks += written ? 1 : 0;
            return written;
        });

    // For want of room, or of memory: whatever it is, the set is not whole, and its user says so.
    private static bool Try(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (BpfException e) when (e.IsMapFull || e.IsOutOfMemory)
        {
            return false;
        }
    }

    private static PolicyKey KeyOf(uint number, PolicyEntry entry) =>
        PolicyKey.Of(
            number,
            (PolicyDirection)entry.Direction,
            entry.Peer,
            (byte)entry.Protocol,
            entry.Ports.Port,
            entry.Ports.Length
        );

    private static string Full(string map, uint capacity) =>
        $"the map {map} has no room for it among its {capacity} entries; use fewer ports, prefixes or distinct peers in this node's policies";
}
