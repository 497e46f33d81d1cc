using System.Net;
using Weft.Net;

namespace Weft.Operator.Configuration;

/// <summary>Where nodes get their pod prefixes from.</summary>
internal enum Ipam
{
    /// <summary>Out of WeftIPPools.</summary>
    Pool,

    /// <summary>Copied from Node.spec.podCIDRs.</summary>
    Kubernetes,
}

/// <summary>The configuration, checked and typed.</summary>
/// <param name="Ipam">Where nodes' prefixes come from.</param>
/// <param name="ClusterPodCidrs">Ranges of the pool that is made when there is none; empty: none is made.</param>
/// <param name="BlockCoolDown">Rest of a block whose node is gone.</param>
/// <param name="IdentityGrace">Rest of an identity that nobody has.</param>
/// <param name="Listen">Where health and metrics are.</param>
/// <param name="LeaseNamespace">Namespace of the Lease; null: the operator's own.</param>
internal sealed record OperatorSettings(
    Ipam Ipam,
    IReadOnlyList<Prefix> ClusterPodCidrs,
    TimeSpan BlockCoolDown,
    TimeSpan IdentityGrace,
    IPEndPoint Listen,
    string? LeaseNamespace
);
