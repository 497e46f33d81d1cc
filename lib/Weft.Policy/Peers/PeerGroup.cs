using Weft.Net;
using Weft.Policy.Rules;

namespace Weft.Policy.Peers;

/// <summary>
/// Those whom a rule's peer means. One group stands for the same peer in however many rules, so that a new identity is
/// compared with each distinct selector once.
/// </summary>
public sealed class PeerGroup
{
    private readonly Dictionary<uint, PolicyIdentity> members = [];

    internal PeerGroup(PeerMatch match) => Match = match;

    /// <summary>The peer as policies write it.</summary>
    public PeerMatch Match { get; }

    /// <summary>The identities in it now, by number; none for <see cref="AnyPeer"/> and <see cref="BlockPeer"/>.</summary>
    public IReadOnlyDictionary<uint, PolicyIdentity> Members => members;

    /// <summary>How many rules name it.</summary>
    internal int Uses { get; set; }

    /// <summary>True when it means what has this identity (null: not a pod that policies can select) and this address.</summary>
    public bool Contains(uint? identity, Ip address) =>
        Match switch
        {
            AnyPeer => true,
            PodPeer => identity is { } id && members.ContainsKey(id),
            BlockPeer block => block.Contains(address),
            _ => false,
        };

    /// <summary>Takes the identity in or out as the selectors say; true when that changed the group.</summary>
    internal bool Follow(PolicyIdentity identity)
    {
        if (Match is not PodPeer peer || !Selects(peer, identity))
        {
            return members.Remove(identity.Id);
        }

        var isNew = !members.ContainsKey(identity.Id);
        members[identity.Id] = identity;
        return isNew;
    }

    internal bool Forget(uint identity) => members.Remove(identity);

    private static bool Selects(PodPeer peer, PolicyIdentity identity) =>
        (peer.Namespace is null || peer.Namespace == identity.Namespace)
        && (peer.NamespaceSelector?.Matches(identity.NamespaceLabels) ?? true)
        && (peer.PodSelector?.Matches(identity.Labels) ?? true);
}
