using Weft.Netlink;

namespace Weft.Agent.Node;

/// <summary>Whether the host's stack forwards packets, as it must for those of pods.</summary>
internal static class Forwarding
{
    /// <summary>Switches it on.</summary>
    /// <exception cref="IOException">It is off, and /proc/sys is read-only here.</exception>
    public static void Enable()
    {
        Sysctl.Write("net/ipv4/ip_forward", "1");
        if (KernelIPv6.IsThere)
        {
            Sysctl.Write("net/ipv6/conf/all/forwarding", "1");
        }
    }
}
