using Weft.Net;

namespace Weft.Netlink;

/// <summary>An address of a link.</summary>
public sealed record InterfaceAddress
{
    /// <summary>The link that holds it.</summary>
    public required IfIndex Link { get; init; }

    /// <summary>The address, with the length of the network it is in.</summary>
    public required Prefix Address { get; init; }

    /// <summary>How far it is valid.</summary>
    public RouteScope Scope { get; init; }

    /// <summary>IFA_F_ bits of linux/if_addr.h.</summary>
    public uint Flags { get; init; }
}
