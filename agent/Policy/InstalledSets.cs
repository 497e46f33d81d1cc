using Weft.Contracts;
using Weft.Datapath;
using Weft.Policy.Entries;
using Weft.Policy.Peers;
using Weft.Policy.Sets;

namespace Weft.Agent.Policy;

/// <summary>
/// The policy sets in the maps. A set under its number never changes what it means for identities in use: what changes
/// is another set under a new number, and the old one stays until no program can be looking at it. For one thread at a
/// time.
/// </summary>
internal sealed class InstalledSets
{
    /// <summary>How long a set stays after the last pod has left it. No program runs that long.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // Denials name the sets by which pods were judged then.
    private const int MostFormer = 1024;

    private readonly PolicyMaps maps;
    private readonly Dictionary<uint, InstalledSet> byNumber = [];
    private readonly Dictionary<string, InstalledSet> byKey = [];
    private readonly Dictionary<uint, PolicySetName> former = [];
    private readonly Queue<uint> formerInOrder = [];
    private readonly Dictionary<uint, DateTimeOffset?> inherited;
    private uint last;

    /// <param name="maps">What they hold is of before a restart, and stays as long as pods are under it.</param>
    /// <param name="used">Numbers that pods are under; a set without entries is known by them alone.</param>
    public InstalledSets(PolicyMaps maps, IEnumerable<uint> used)
    {
        this.maps = maps;
        inherited = maps.Numbers().Union(used).ToDictionary(number => number, _ => (DateTimeOffset?)null);
        last = inherited.Count == 0 ? 0 : inherited.Keys.Max();
    }

    /// <summary>How many there are, those of before a restart and those that end presently among them.</summary>
    public int Count => byNumber.Count + inherited.Count;

    /// <summary>Sets that the maps had no room for in full.</summary>
    public IEnumerable<InstalledSet> Incomplete => byNumber.Values.Where(set => set.Owed.Count > 0);

    /// <summary>The set of this number, there or gone lately; null when it is none of this agent's.</summary>
    public PolicySetName? NameOf(uint number) =>
        byNumber.TryGetValue(number, out var set) ? set.Name : former.GetValueOrDefault(number);

    /// <summary>The rule that an entry of the set names; null when the set is none of this agent's.</summary>
    public string? RuleOf(uint number, uint rule) =>
        byNumber.TryGetValue(number, out var set) && rule < set.Content.Rules.Count
            ? set.Content.Rules[(int)rule].ToString()
            : null;

    /// <summary>The set that is in the maps for this one, or null: <see cref="TryInstall"/> it.</summary>
    public InstalledSet? Of(PolicySet set)
    {
        if (!byKey.TryGetValue(set.Key, out var present) || !present.Content.IsOf(set))
        {
            return null;
        }

        present.Content.Renew(set);
        return present;
    }

    /// <summary>Puts a set into the maps. One that is there with the same content stays.</summary>
    public InstalledSet? TryInstall(SetContent content, out string? problem)
    {
        problem = null;
        if (byKey.TryGetValue(content.Set.Key, out var present) && present.Content.IsSameAs(content))
        {
            present.Content.Renew(content.Set);
            return present;
        }

        var number = NextNumber();
        problem = maps.TryWrite(number, content);
        if (problem is not null)
        {
            return null;
        }

        last = number;
        return byKey[content.Set.Key] = byNumber[number] = new InstalledSet(number, content);
    }

    /// <summary>An identity, which nobody uses yet, comes into the sets that name it.</summary>
    public void Add(PolicyIdentity identity)
    {
        foreach (var set in byNumber.Values)
        {
            Write(set, set.Content.Add(identity));
        }
    }

    /// <summary>An identity, which nobody uses any more, leaves the sets.</summary>
    public void Remove(uint identity)
    {
        foreach (var set in byNumber.Values)
        {
            maps.Remove(set.Number, set.Content.Remove(identity));
        }
    }

    /// <summary>Removes what no pod has been under for the grace period.</summary>
    /// <param name="used">Numbers that pods are under.</param>
    /// <param name="now">The time.</param>
    /// <returns>True when there is room now that was not there.</returns>
    public bool Retire(IReadOnlySet<uint> used, DateTimeOffset now)
    {
        var before = Count;
        foreach (var set in byNumber.Values.ToList())
        {
            set.UnusedSince = used.Contains(set.Number) ? null : set.UnusedSince ?? now;
            if (set.UnusedSince + Grace <= now)
            {
                maps.Remove(set.Number, set.Content);
                Forget(set);
            }
        }

        foreach (var number in inherited.Keys.ToList())
        {
            inherited[number] = used.Contains(number) ? null : inherited[number] ?? now;
        }

        var ended = inherited.Where(set => set.Value + Grace <= now).Select(set => set.Key).ToHashSet();
        if (ended.Count > 0)
        {
            maps.Remove(ended);
            foreach (var number in ended)
            {
                inherited.Remove(number);
            }
        }

        return Count < before;
    }

    /// <summary>True when sets end presently.</summary>
    public bool AreEnding =>
        byNumber.Values.Any(set => set.UnusedSince is not null) || inherited.Values.Any(since => since is not null);

    /// <summary>Writes what there was no room for.</summary>
    public void Complete()
    {
        foreach (var set in Incomplete.ToList())
        {
            var owed = set.Owed.Where(entry => set.Content.Entries.ContainsKey(entry.Key)).ToDictionary();
            set.Owed.Clear();
            Write(set, owed);
        }
    }

    private void Write(InstalledSet set, IReadOnlyDictionary<PolicyEntry, uint> entries)
    {
        foreach (var (entry, rule) in maps.Add(set.Number, entries))
        {
            set.Owed[entry] = rule;
        }
    }

    private void Forget(InstalledSet set)
    {
        byNumber.Remove(set.Number);
        if (byKey.GetValueOrDefault(set.Content.Set.Key) == set)
        {
            byKey.Remove(set.Content.Set.Key);
        }

        former[set.Number] = set.Name;
        formerInOrder.Enqueue(set.Number);
        if (formerInOrder.Count > MostFormer)
        {
            former.Remove(formerInOrder.Dequeue());
        }
    }

    private uint NextNumber()
    {
        var number = last;
        do
        {
            // 0 stands for no set.
            number = number == PolicyWord.LastSet ? 1 : number + 1;
        } while (byNumber.ContainsKey(number) || inherited.ContainsKey(number) || former.ContainsKey(number));
        return number;
    }
}
