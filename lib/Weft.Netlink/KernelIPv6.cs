namespace Weft.Netlink;

/// <summary>Whether the running kernel has IPv6, for good: one booted with ipv6.disable=1, or built without, has not.</summary>
public static class KernelIPv6
{
    /// <summary>True when addresses, settings and attributes of IPv6 are more than unknown to it.</summary>
    public static bool IsThere { get; } = Directory.Exists("/proc/sys/net/ipv6");
}
