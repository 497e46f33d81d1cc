using System.Net.Sockets;
using Weft.Net;

namespace Weft.Netlink.Protocol;

/// <summary>Address families by the kernel's numbers, which differ from the class library's.</summary>
internal static class Family
{
    public const byte AF_UNSPEC = 0;
    public const byte AF_INET = 2;
    public const byte AF_INET6 = 10;

    public static byte Of(Ip address) => address.IsV4 ? AF_INET : AF_INET6;

    public static byte Of(AddressFamily family) =>
        family switch
        {
            AddressFamily.InterNetwork => AF_INET,
            AddressFamily.InterNetworkV6 => AF_INET6,
            _ => throw new ArgumentOutOfRangeException(nameof(family), family, "only IPv4 and IPv6 have routes"),
        };

    /// <summary>Dumps of all families hold more than these two, such as multicast routing.</summary>
    public static bool IsIp(byte family) => family is AF_INET or AF_INET6;

    public static AddressFamily ToAddressFamily(byte family) =>
        family == AF_INET ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    /// <summary>0.0.0.0 or ::, which the kernel leaves out of a message.</summary>
    public static Ip Any(byte family) => family == AF_INET ? Ip.AnyV4 : Ip.AnyV6;

    /// <summary>A prefix of the family, or null where the length is not one of the address.</summary>
    public static Prefix? ToPrefix(Ip address, byte length) =>
        length <= address.Bits ? new Prefix(address, length) : null;
}
