using Weft.Net;

namespace Weft.Netlink;

/// <summary>A route with one next hop. One read from the kernel with several shows no gateway and no link.</summary>
public sealed record Route
{
    /// <summary>Table <c>main</c>.</summary>
    public const int MainTable = 254;

    /// <summary>Table <c>local</c>.</summary>
    public const int LocalTable = 255;

    /// <summary>RTPROT_BOOT: made by a command, not by the kernel or a routing daemon.</summary>
    public const byte BootProtocol = 3;

    /// <summary>Where to; host bits do not count. Its family is the route's.</summary>
    public required Prefix Destination { get; init; }

    /// <summary>Next hop; an IPv4 route may have an IPv6 one.</summary>
    public Ip? Gateway { get; init; }

    /// <summary>Link to send by.</summary>
    public IfIndex? Link { get; init; }

    /// <summary>Source address for packets that have none yet.</summary>
    public Ip? PreferredSource { get; init; }

    /// <summary>Routing table.</summary>
    public int Table { get; init; } = MainTable;

    /// <summary>Who made it (RTPROT_). Not looked at by a deletion.</summary>
    public byte Protocol { get; init; } = BootProtocol;

    /// <summary>
    /// IPv4 only. Null: the host for local routes, the link for those without gateway, else everywhere; in a deletion,
    /// any.
    /// </summary>
    public RouteScope? Scope { get; init; }

    /// <summary>What becomes of the packets.</summary>
    public RouteType Type { get; init; } = RouteType.Unicast;

    /// <summary>Largest packet by this route.</summary>
    public int? Mtu { get; init; }

    /// <summary>Lower wins. Null: 0 for IPv4, 1024 for IPv6; in a deletion, any.</summary>
    public int? Metric { get; init; }

    /// <summary>The gateway is reached by the link though no route says so.</summary>
    public bool OnLink { get; init; }
}
