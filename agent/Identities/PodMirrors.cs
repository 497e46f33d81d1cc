using Weft.Agent.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Agent.Identities;

/// <summary>All that a pod's identity depends on.</summary>
/// <param name="Pods">This node's pods.</param>
/// <param name="Namespaces">All namespaces, for their labels.</param>
/// <param name="Policies">All policies, for what they look at.</param>
/// <param name="Identities">All identities.</param>
internal sealed record PodMirrors(
    Mirror<Pod> Pods,
    Mirror<Namespace> Namespaces,
    Mirror<NetworkPolicy> Policies,
    Mirror<WeftIdentity> Identities
)
{
    /// <summary>True when there is something to go by: with half of the policies, a pod would get a wrong identity.</summary>
    public bool AreUsable => Namespaces.IsUsable && Policies.IsUsable && Identities.IsUsable;
}
