using Weft.Net;

namespace Weft.Netlink;

/// <summary>What to change of a link; null leaves as it is. All of it goes in one message.</summary>
public sealed record LinkChange
{
    /// <summary>Switch on or off.</summary>
    public bool? Up { get; init; }

    /// <summary>Largest packet in bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Rename.</summary>
    public string? Name { get; init; }

    /// <summary>Ethernet address.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Join a bridge, bond or VRF; index 0 leaves it.</summary>
    public IfIndex? Master { get; init; }

    /// <summary>
    /// Move to this namespace, before the other changes are made there. The kernel switches a link off that it moves;
    /// must stay open until the batch has been executed.
    /// </summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>Resolve neighbours.</summary>
    public bool? Arp { get; init; }

    /// <summary>Free text kept with the link; empty removes it.</summary>
    public string? Alias { get; init; }

    /// <summary>True: no IPv6 link-local address is made when the link comes up. False: the EUI-64 one is.</summary>
    public bool? NoLinkLocal { get; init; }
}
