using Weft.Net;

namespace Weft.Netlink;

/// <summary>A vxlan to make.</summary>
public sealed record VxlanSpec
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its Ethernet address; the kernel makes one up otherwise.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Its MTU.</summary>
    public int? Mtu { get; init; }

    /// <summary>UDP port to receive on and send to.</summary>
    public required ushort Port { get; init; }

    /// <summary>
    /// Tunnel endpoints and network number come with each packet (from BPF), and addresses are not learned:
    /// <c>external nolearning</c>.
    /// </summary>
    public bool CollectMetadata { get; init; }

    /// <summary>Network number of a plain device.</summary>
    public uint? Vni { get; init; }

    /// <summary>Address to send from.</summary>
    public Ip? Local { get; init; }

    /// <summary>Address of the other endpoint of a plain device.</summary>
    public Ip? Remote { get; init; }

    /// <summary>Send and accept a zero UDP checksum over IPv6 (RFC 6935), as BPF and hardware offloads do.</summary>
    public bool UdpZeroChecksum6 { get; init; }
}
