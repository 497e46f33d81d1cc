using Weft.Net;

namespace Weft.Services;

/// <summary>What services need to know of the node they are worked out for.</summary>
/// <param name="Name">Its name: endpoints with it as their <c>nodeName</c> are local.</param>
/// <param name="Zone">Its label <c>topology.kubernetes.io/zone</c>; null or empty without one.</param>
/// <param name="Addresses">Its addresses.</param>
public sealed record LocalNode(string Name, string? Zone, ValueList<Ip> Addresses)
{
    /// <summary>Addresses that NodePorts are served on: all of them, unless given.</summary>
    public ValueList<Ip> NodePortAddresses { get; init; } = Addresses;

    /// <summary>
    /// What ClusterIPs are taken from. An address inside that no Service has gets no answer, where it would otherwise
    /// leave the node for the default gateway.
    /// </summary>
    public ValueList<Prefix> ServiceRanges { get; init; } = [];

    /// <summary>Whether pods have IPv4 addresses.</summary>
    public bool HasIPv4 { get; init; } = true;

    /// <summary>Whether pods have IPv6 addresses.</summary>
    public bool HasIPv6 { get; init; } = true;

    /// <summary>Whether ClusterIPs alone are served here, all other addresses and health checks being kube-proxy's.</summary>
    public bool OnlyClusterIPs { get; init; }

    internal bool HasFamilyOf(Ip address) => address.IsV4 ? HasIPv4 : HasIPv6;
}
