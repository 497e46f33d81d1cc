namespace Weft.Netlink;

/// <summary>Distance to a destination, or validity of an address: RT_SCOPE_ of linux/rtnetlink.h.</summary>
public enum RouteScope : byte
{
    /// <summary>Everywhere, by way of a gateway.</summary>
    Universe = 0,

    /// <summary>Within this site.</summary>
    Site = 200,

    /// <summary>On this link, without a gateway.</summary>
    Link = 253,

    /// <summary>On this host.</summary>
    Host = 254,

    /// <summary>Nowhere.</summary>
    Nowhere = 255,
}
