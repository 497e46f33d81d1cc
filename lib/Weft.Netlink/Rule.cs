using System.Net.Sockets;
using Weft.Net;

namespace Weft.Netlink;

/// <summary>A policy routing rule: packets that match all that is given are looked up in <see cref="Table"/>.</summary>
public sealed record Rule
{
    /// <summary>IPv4 or IPv6.</summary>
    public required AddressFamily Family { get; init; }

    /// <summary>Rules are tried from the lowest on.</summary>
    public required int Priority { get; init; }

    /// <summary>Mark of the packet, in the bits of <see cref="Mask"/>.</summary>
    public uint? Mark { get; init; }

    /// <summary>Bits of the mark that count; all if null.</summary>
    public uint? Mask { get; init; }

    /// <summary>Source address within.</summary>
    public Prefix? Source { get; init; }

    /// <summary>Destination address within.</summary>
    public Prefix? Destination { get; init; }

    /// <summary>The routing table; 0 for a rule that the kernel shows with another action than a lookup.</summary>
    public required int Table { get; init; }

    /// <summary>Name of the link the packet came in by.</summary>
    public string? InputInterface { get; init; }
}
