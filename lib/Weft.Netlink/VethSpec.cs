using Weft.Net;

namespace Weft.Netlink;

/// <summary>A veth pair to make.</summary>
public sealed record VethSpec
{
    /// <summary>Name of this end.</summary>
    public required string Name { get; init; }

    /// <summary>Ethernet address of this end; the kernel makes one up otherwise.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>MTU of this end.</summary>
    public int? Mtu { get; init; }

    /// <summary>Name of the other end.</summary>
    public required string PeerName { get; init; }

    /// <summary>Ethernet address of the other end.</summary>
    public MacAddress? PeerMac { get; init; }

    /// <summary>MTU of the other end.</summary>
    public int? PeerMtu { get; init; }

    /// <summary>
    /// Where the other end is made; in this namespace if null. Must stay open until the batch has been executed.
    /// </summary>
    public NetworkNamespace? PeerNamespace { get; init; }

    /// <summary>
    /// No IPv6 link-local address on either end. The kernel takes this only from within the namespace of the link: with
    /// a <see cref="PeerNamespace"/>, set <see cref="LinkChange.NoLinkLocal"/> there, before that end is switched on.
    /// </summary>
    public bool NoLinkLocal { get; init; }

    /// <summary>Free text kept with this end.</summary>
    public string? Alias { get; init; }

    /// <summary>Transmit and receive queues of both ends; the kernel's choice otherwise.</summary>
    public int? Queues { get; init; }
}
