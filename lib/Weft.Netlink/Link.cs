using Weft.Net;

namespace Weft.Netlink;

/// <summary>A link as the kernel shows it.</summary>
public sealed record Link
{
    /// <summary>Its number in this namespace.</summary>
    public required IfIndex Index { get; init; }

    /// <summary>Its name in this namespace.</summary>
    public required string Name { get; init; }

    /// <summary>Its Ethernet address; zero for kinds that have none.</summary>
    public MacAddress Mac { get; init; }

    /// <summary>Largest packet in bytes, link header excluded.</summary>
    public int Mtu { get; init; }

    /// <summary>State bits.</summary>
    public LinkFlags Flags { get; init; }

    /// <summary>Driver kind (<c>veth</c>, <c>vxlan</c>, <c>bridge</c>); null for hardware and loopback.</summary>
    public string? Kind { get; init; }

    /// <summary>The bridge, bond or VRF it belongs to.</summary>
    public IfIndex? Master { get; init; }

    /// <summary>The other end of a veth, or the link below; a number in that link's own namespace.</summary>
    public IfIndex? Peer { get; init; }

    /// <summary>Free text kept with the link.</summary>
    public string? Alias { get; init; }

    /// <summary>For a vxlan.</summary>
    public VxlanInfo? Vxlan { get; init; }

    /// <summary>
    /// The kernel has noticed the carrier (IF_OPER_UP) and sends. That comes a while after the link is up: until then
    /// it drops what is sent.
    /// </summary>
    public bool IsOperational { get; init; }

    /// <summary>Switched on by an administrator.</summary>
    public bool IsUp => (Flags & LinkFlags.Up) != 0;
}

/// <summary>What of a vxlan cannot be changed later, so decides whether one found can be kept.</summary>
/// <param name="Port">UDP port it receives on and sends to.</param>
/// <param name="CollectMetadata">Tunnel endpoints come with each packet instead of from the device.</param>
/// <param name="Vni">Network number; 0 with <paramref name="CollectMetadata"/>.</param>
public sealed record VxlanInfo(ushort Port, bool CollectMetadata, uint Vni);
