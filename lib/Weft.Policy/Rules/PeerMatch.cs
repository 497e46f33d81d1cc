using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Policy.Rules;

/// <summary>One entry of a rule's <c>from</c> or <c>to</c>.</summary>
public abstract record PeerMatch
{
    /// <summary>A rule without <c>from</c> or <c>to</c>: everything, in the cluster and outside.</summary>
    public static PeerMatch Everything { get; } = new AnyPeer();
}

/// <summary>Everything, in the cluster and outside.</summary>
public sealed record AnyPeer : PeerMatch;

/// <summary>Pods; never an address outside of the cluster, never a pod on its node's network.</summary>
/// <param name="Namespace">The policy's own namespace when the peer has no <c>namespaceSelector</c>, else null.</param>
/// <param name="NamespaceSelector">Namespaces by label; null with <paramref name="Namespace"/>.</param>
/// <param name="PodSelector">Pods in them; null is every pod.</param>
public sealed record PodPeer(string? Namespace, LabelSelector? NamespaceSelector, LabelSelector? PodSelector)
    : PeerMatch;

/// <summary>Addresses by prefix, those of pods and nodes among them.</summary>
/// <param name="Cidr">Host bits cleared.</param>
/// <param name="Except">Cut out of it, for this peer alone; host bits cleared.</param>
public sealed record BlockPeer(Prefix Cidr, IReadOnlyList<Prefix> Except) : PeerMatch
{
    /// <summary>True when the address is inside. The families never mix.</summary>
    public bool Contains(Ip address) => Cidr.Contains(address) && !Except.Any(except => except.Contains(address));
}
