using System.Net;
using Weft.Net;

namespace Weft.Agent.Configuration;

/// <summary>The configuration, checked and typed.</summary>
/// <param name="NodeName">This node's name.</param>
/// <param name="Kubernetes">What there is when the agent lives from the Kubernetes API, or null.</param>
/// <param name="PodCidrs">Prefixes of this node's pods, host bits cleared, disjoint; none with Kubernetes.</param>
/// <param name="RoutingMode">How nodes' pods reach each other.</param>
/// <param name="TunnelPort">UDP port of the tunnel.</param>
/// <param name="Devices">Devices to the outside, or null to find them.</param>
/// <param name="Mtu">MTU of pods, or null to compute it.</param>
/// <param name="Masquerade">Whether to masquerade.</param>
/// <param name="MasqueradePorts">Ports to do it with.</param>
/// <param name="AddressCoolDown">Rest of a released address.</param>
/// <param name="Services">How Services are served, or null when they are not.</param>
/// <param name="PeersDirectory">Directory of the nodes' files, or null for a node alone.</param>
/// <param name="RunDirectory">Directory of socket and records.</param>
/// <param name="BpfDirectory">Directory of pins.</param>
/// <param name="Listen">Where health and metrics are.</param>
internal sealed record NodeSettings(
    string NodeName,
    KubernetesSettings? Kubernetes,
    IReadOnlyList<Prefix> PodCidrs,
    RoutingMode RoutingMode,
    ushort TunnelPort,
    IReadOnlyList<string>? Devices,
    int? Mtu,
    bool Masquerade,
    PortRange MasqueradePorts,
    TimeSpan AddressCoolDown,
    ServiceSettings? Services,
    string? PeersDirectory,
    string RunDirectory,
    string BpfDirectory,
    IPEndPoint Listen
);

/// <summary>What there is only when the agent lives from the Kubernetes API.</summary>
/// <param name="Kubeconfig">A kubeconfig file, or null for the pod's service account.</param>
/// <param name="StateDirectory">Directory of what was learned, for a start without the API server.</param>
/// <param name="CniConfigDirectory">Directory of the runtime's CNI configuration.</param>
/// <param name="CniChain">Plugins that come after Weft.</param>
/// <param name="CniExclusive">Whether other networks' configurations are set aside.</param>
internal sealed record KubernetesSettings(
    string? Kubeconfig,
    string StateDirectory,
    string CniConfigDirectory,
    IReadOnlyList<string> CniChain,
    bool CniExclusive
);

/// <summary>How Services are served.</summary>
/// <param name="Cidrs">Prefixes that ClusterIPs are taken from, disjoint; none when nobody has said.</param>
/// <param name="CgroupRoot">Directory of the control group of all the node's processes, or null to find it.</param>
/// <param name="Xdp">Whether connections from outside to other nodes are forwarded ahead of the stack.</param>
/// <param name="DirectReturn">Whether the nodes of endpoints answer clients outside themselves.</param>
/// <param name="ReplacesKubeProxy">
/// Whether all of it is served. Else only what kube-proxy cannot serve: ClusterIPs for packets of pods, which do not pass
/// the node's stack.
/// </param>
internal sealed record ServiceSettings(
    IReadOnlyList<Prefix> Cidrs,
    string? CgroupRoot,
    bool Xdp,
    bool DirectReturn,
    bool ReplacesKubeProxy
);

/// <summary>Ports first to last, both included.</summary>
internal readonly record struct PortRange(ushort First, ushort Last)
{
    /// <summary>How many.</summary>
    public ushort Count => (ushort)(Last - First + 1);

    /// <inheritdoc/>
    public override string ToString() => $"{First}-{Last}";
}
