namespace Weft.Netlink;

/// <summary>State of a link: the IFF_ bits of linux/if.h.</summary>
[Flags]
public enum LinkFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>IFF_UP: switched on by an administrator.</summary>
    Up = 0x1,

    /// <summary>IFF_BROADCAST.</summary>
    Broadcast = 0x2,

    /// <summary>IFF_LOOPBACK.</summary>
    Loopback = 0x8,

    /// <summary>IFF_POINTOPOINT.</summary>
    PointToPoint = 0x10,

    /// <summary>IFF_RUNNING: operational, its peer or cable is there.</summary>
    Running = 0x40,

    /// <summary>IFF_NOARP: no neighbour resolution.</summary>
    NoArp = 0x80,

    /// <summary>IFF_PROMISC.</summary>
    Promiscuous = 0x100,

    /// <summary>IFF_ALLMULTI.</summary>
    AllMulticast = 0x200,

    /// <summary>IFF_MASTER: has links below it, as a bond has.</summary>
    Master = 0x400,

    /// <summary>IFF_SLAVE.</summary>
    Slave = 0x800,

    /// <summary>IFF_MULTICAST.</summary>
    Multicast = 0x1000,

    /// <summary>IFF_LOWER_UP: the driver has a carrier.</summary>
    LowerUp = 0x1_0000,
}
