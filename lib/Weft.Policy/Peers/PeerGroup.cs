using Weft.Net;
using Weft.Policy.Rules;

namespace Weft.Policy.Peers;

/// <summary>
/// Those whom a rule's peer means. One group stands for the same peer in however many rules, so that a new identity is
/// compared with each distinct selector once.
/// </summary>
public sealed class PeerGroup
{
    private readonly HashSet<uint> identities = [];

    internal PeerGroup(PeerMatch match) => Match = match;

    /// <summary>The peer as policies write it.</summary>
    public PeerMatch Match { get; }

    /// <summary>The identities in it now; none for <see cref="AnyPeer"/> and <see cref="BlockPeer"/>.</summary>
    public IReadOnlySet<uint> Identities => identities;

    /// <summary>How many rules name it.</summary>
    internal int Uses { get; set; }

    /// <summary>True when it means what has this identity (null: not a pod that policies can select) and this address.</summary>
    public bool Contains(uint? identity, Ip address) =>
        Match switch
        {
            AnyPeer => true,
            PodPeer => identity is { } id && identities.Contains(id),
            BlockPeer block => block.Contains(address),
            _ => false,
        };

    /// <summary>Takes the identity in or out as the selectors say; true when that changed the group.</summary>
    internal bool Follow(PolicyIdentity identity) =>
        Match is PodPeer peer && Selects(peer, identity) ? identities.Add(identity.Id) : identities.Remove(identity.Id);

    internal bool Forget(uint identity) => identities.Remove(identity);

    private static bool Selects(PodPeer peer, PolicyIdentity identity) =>
        (peer.Namespace is null || peer.Namespace == identity.Namespace)
        && (peer.NamespaceSelector?.Matches(identity.NamespaceLabels) ?? true)
        && (peer.PodSelector?.Matches(identity.Labels) ?? true);
}
