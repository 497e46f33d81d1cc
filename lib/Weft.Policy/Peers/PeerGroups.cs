using Weft.Policy.Rules;

namespace Weft.Policy.Peers;

/// <summary>Every distinct peer that rules name, kept in step with the identities there are.</summary>
internal sealed class PeerGroups
{
    private readonly Dictionary<string, PeerGroup> groups = [];

    public int Count => groups.Count;

    /// <summary>All prefixes' groups.</summary>
    public IEnumerable<PeerGroup> Blocks => groups.Values.Where(group => group.Match is BlockPeer);

    /// <summary>The group of a rule's peer; each call wants its <see cref="Release"/>.</summary>
    public PeerGroup Take(PeerMatch match, IEnumerable<PolicyIdentity> identities)
    {
        var key = KeyOf(match);
        if (!groups.TryGetValue(key, out var group))
        {
            groups[key] = group = new PeerGroup(match);
            foreach (var identity in identities)
            {
                group.Follow(identity);
            }
        }

        group.Uses++;
        return group;
    }

    public void Release(PeerGroup group)
    {
        if (--group.Uses == 0)
        {
            groups.Remove(KeyOf(group.Match));
        }
    }

    /// <summary>Groups that the identity came into or left.</summary>
    public IReadOnlyList<PeerGroup> Follow(PolicyIdentity identity) =>
        [.. groups.Values.Where(group => group.Follow(identity))];

    /// <summary>Groups that the identity left.</summary>
    public IReadOnlyList<PeerGroup> Forget(uint identity) => [.. groups.Values.Where(group => group.Forget(identity))];

    /// <summary>Equal for peers that mean the same by being written the same, in whatever order of labels.</summary>
    private static string KeyOf(PeerMatch match) =>
        match switch
        {
            PodPeer peer =>
                $"{peer.Namespace}\n{Selectors.Canonical(peer.NamespaceSelector)}\n{Selectors.Canonical(peer.PodSelector)}",
            BlockPeer block =>
                $"{block.Cidr}-{string.Join(',', block.Except.Select(e => e.ToString()).Order(StringComparer.Ordinal))}",
            _ => "*",
        };
}
