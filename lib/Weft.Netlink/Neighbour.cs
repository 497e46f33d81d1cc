using Weft.Net;

namespace Weft.Netlink;

/// <summary>An address on a link and the Ethernet address it is reached at.</summary>
public sealed record Neighbour
{
    /// <summary>The link.</summary>
    public required IfIndex Link { get; init; }

    /// <summary>The address.</summary>
    public required Ip Address { get; init; }

    /// <summary>Where it is reached.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>Entered by hand and never expires, as all that are added here; false for what the kernel resolved.</summary>
    public bool IsPermanent { get; init; } = true;
}
