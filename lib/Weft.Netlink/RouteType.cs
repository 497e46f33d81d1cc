namespace Weft.Netlink;

/// <summary>What becomes of a packet that takes the route: RTN_ of linux/rtnetlink.h.</summary>
public enum RouteType : byte
{
    /// <summary>RTN_UNSPEC.</summary>
    Unspecified = 0,

    /// <summary>Sent on.</summary>
    Unicast = 1,

    /// <summary>Received here.</summary>
    Local = 2,

    /// <summary>Received here, sent as broadcast.</summary>
    Broadcast = 3,

    /// <summary>Received here, sent as unicast.</summary>
    Anycast = 4,

    /// <summary>Multicast.</summary>
    Multicast = 5,

    /// <summary>Dropped without a word.</summary>
    Blackhole = 6,

    /// <summary>Refused: host unreachable.</summary>
    Unreachable = 7,

    /// <summary>Refused: administratively prohibited.</summary>
    Prohibit = 8,

    /// <summary>This table ends here, the next rule decides.</summary>
    Throw = 9,
}
