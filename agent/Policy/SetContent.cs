using Weft.Datapath;
using Weft.Net;
using Weft.Policy.Entries;
using Weft.Policy.Peers;
using Weft.Policy.Rules;
using Weft.Policy.Sets;

namespace Weft.Agent.Policy;

/// <summary>
/// A policy set as the maps hold it. It follows the identities that come and go, and nothing else: sets that mean
/// something else are other sets.
/// </summary>
internal sealed class SetContent
{
    private readonly Dictionary<PolicyEntry, uint> entries;
    private readonly Dictionary<RuleSource, uint> indexes;

    private SetContent(
        PolicySet set,
        List<RuleSource> rules,
        Dictionary<RuleSource, uint> indexes,
        Dictionary<PolicyEntry, uint> entries,
        IReadOnlyDictionary<Prefix, uint> blocks
    )
    {
        (Set, Rules, this.indexes, this.entries, Blocks) = (set, rules, indexes, entries, blocks);
    }

    /// <summary>What it was made of.</summary>
    public PolicySet Set { get; private set; }

    /// <summary>The rules by the index that entries name.</summary>
    public IReadOnlyList<RuleSource> Rules { get; }

    /// <summary>What is allowed, with the index of the rule.</summary>
    public IReadOnlyDictionary<PolicyEntry, uint> Entries => entries;

    /// <summary>The set's own prefixes, with the peer that stands for each.</summary>
    public IReadOnlyDictionary<Prefix, uint> Blocks { get; }

    /// <summary>Works it out.</summary>
    /// <param name="set">The set.</param>
    /// <param name="identities">All identities.</param>
    /// <param name="addresses">Addresses of an identity's pods.</param>
    public static SetContent Of(
        PolicySet set,
        IReadOnlyCollection<PolicyIdentity> identities,
        Func<uint, IEnumerable<Ip>> addresses
    )
    {
        var groups = set.Ingress.Rules.Concat(set.Egress.Rules).Select(rule => rule.Peers).Distinct();
        var blocks = BlockTable.Empty.With(groups, SetEntries.SingleAddresses(set, identities, addresses));
        var rules = set.Ingress.Rules.Concat(set.Egress.Rules).Select(rule => rule.Source).Distinct().ToList();
        var indexes = new Dictionary<RuleSource, uint>();
        foreach (var rule in rules)
        {
            indexes[rule] = (uint)indexes.Count;
        }

        var entries = SetEntries.Of(set, blocks, identities, addresses);
        return new SetContent(
            set,
            rules,
            indexes,
            entries.ToDictionary(entry => entry.Key, entry => indexes[entry.Value]),
            blocks.Blocks.ToDictionary(block => block.Key, block => block.Value.Number)
        );
    }

    /// <summary>The word of a pod whose policies this is, under its number.</summary>
    public PolicyWord Word(uint number, bool audit) =>
        PolicyWord.Of(
            number,
            Set.Ingress.IsolatedBy.Count > 0,
            Set.Egress.IsolatedBy.Count > 0,
            Blocks.Count > 0,
            audit
        );

    /// <summary>
    /// True when the set is written as the one this was made of. Then the content is the same too, for it has followed
    /// the identities; unless it hangs on addresses, which it does not follow.
    /// </summary>
    public bool IsOf(PolicySet other) =>
        ReferenceEquals(Set, other) || (IsSame(Set.Ingress, other.Ingress) && IsSame(Set.Egress, other.Egress));

    /// <summary>True when the other one allows the same by the same rules.</summary>
    public bool IsSameAs(SetContent other) =>
        Set.Ingress.IsolatedBy.SequenceEqual(other.Set.Ingress.IsolatedBy)
        && Set.Egress.IsolatedBy.SequenceEqual(other.Set.Egress.IsolatedBy)
        && Rules.SequenceEqual(other.Rules)
        && IsSame(Blocks, other.Blocks)
        && IsSame(entries, other.entries);

    /// <summary>The set has been compiled anew and is the same.</summary>
    public void Renew(PolicySet set) => Set = set;

    /// <summary>Takes in what an identity adds.</summary>
    /// <returns>The entries that are new.</returns>
    public IReadOnlyDictionary<PolicyEntry, uint> Add(PolicyIdentity identity)
    {
        var added = new Dictionary<PolicyEntry, uint>();
        foreach (var (entry, rule) in SetEntries.Of(Set, identity))
        {
            if (entries.TryAdd(entry, indexes[rule]))
            {
                added[entry] = indexes[rule];
            }
        }

        return added;
    }

    /// <summary>Takes an identity's entries out.</summary>
    /// <returns>Those there were.</returns>
    public IReadOnlyCollection<PolicyEntry> Remove(uint identity)
    {
        List<PolicyEntry> gone = [.. entries.Keys.Where(entry => entry.Peer == identity)];
        gone.ForEach(entry => entries.Remove(entry));
        return gone;
    }

    private static bool IsSame(SetDirection a, SetDirection b) =>
        a.IsolatedBy.SequenceEqual(b.IsolatedBy) && a.Rules.SequenceEqual(b.Rules);

    private static bool IsSame<TKey>(IReadOnlyDictionary<TKey, uint> a, IReadOnlyDictionary<TKey, uint> b)
        where TKey : notnull =>
        a.Count == b.Count && a.All(entry => b.TryGetValue(entry.Key, out var other) && other == entry.Value);
}
