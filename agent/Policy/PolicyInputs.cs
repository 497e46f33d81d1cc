using Weft.Contracts;
using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Agent.Policy;

/// <summary>What policies are worked out from, beside the identities and this node's pods.</summary>
/// <param name="Policies">All network policies.</param>
/// <param name="AreUsable">There is something to go by, if only what was written down before a restart.</param>
/// <param name="AreFresh">Policies, identities, pods and namespaces are the server's.</param>
/// <param name="IsAudited">What the pod's policies would deny is counted and let through.</param>
/// <param name="RemoteIdentities">Identities in use by other nodes' pods.</param>
/// <param name="RemoteAddresses">Their addresses by identity.</param>
internal sealed record PolicyInputs(
    Func<IReadOnlyList<NetworkPolicy>> Policies,
    Func<bool> AreUsable,
    Func<bool> AreFresh,
    Func<PodReference, bool> IsAudited,
    Func<IReadOnlySet<uint>> RemoteIdentities,
    Func<ILookup<uint, Ip>> RemoteAddresses
);
