namespace Weft.Services.Frontends;

/// <summary>
/// Where a frontend's address comes from. Of two that claim one address and port the first in this order has it: what
/// the API server and the load balancers allot comes before <c>externalIPs</c>, which any author of a Service writes.
/// </summary>
public enum FrontendKind : byte
{
    /// <summary>One of <c>spec.clusterIPs</c>.</summary>
    ClusterIP = 1,

    /// <summary>A port of <c>spec.ports[].nodePort</c> on an address of the node.</summary>
    NodePort,

    /// <summary>One of <c>status.loadBalancer.ingress[].ip</c> with <c>ipMode</c> VIP.</summary>
    LoadBalancer,

    /// <summary>One of <c>spec.externalIPs</c>.</summary>
    ExternalIP,

    /// <summary>A container's <c>hostPort</c>: a pod's, not a Service's.</summary>
    HostPort,
}
