using System.Globalization;
using Weft.Net;

namespace Weft.Lab;

/// <summary>
/// Every address of a lab follows from the node's number. The machines' network is TEST-NET-1 (RFC 5737) and a ULA
/// prefix (RFC 4193); what stands for the rest of the world is TEST-NET-2 and the documentation prefix (RFC 3849).
/// IPv6 addresses spell the decimal digits of the IPv4 ones: node 2 is 192.0.2.12 and fd00:c0::12.
/// </summary>
public static class AddressPlan
{
    /// <summary>As many as the machines' network has room for, and more than a machine has memory for.</summary>
    public const int MaxNodes = 100;

    private const int FirstNode = 10;

    /// <summary>The nodes' gateway: the outside host on the machines' network.</summary>
    public static IReadOnlyList<Prefix> Gateway { get; } =
    [Prefix.Parse("192.0.2.1/24"), Prefix.Parse("fd00:c0::1/64")];

    /// <summary>The outside host as the world: reached through the gateway, and with no route back to pods.</summary>
    public static IReadOnlyList<Ip> World { get; } = [Ip.Parse("198.51.100.1"), Ip.Parse("2001:db8:ffff::1")];

    /// <summary>Addresses of a node's eth0.</summary>
    public static IReadOnlyList<Prefix> OfNode(int number) =>
        [
            Prefix.Parse(Text($"192.0.2.{FirstNode + number}/24")),
            Prefix.Parse(Text($"fd00:c0::{FirstNode + number}/64")),
        ];

    /// <summary>What the pods of all nodes get theirs from, of a lab with Kubernetes: blocks of it are the nodes'.</summary>
    public static IReadOnlyList<Prefix> PodCidrs { get; } =
    [Prefix.Parse("10.244.0.0/16"), Prefix.Parse("fd00:10:244::/48")];

    /// <summary>What the lab's own API server takes ClusterIPs from.</summary>
    public static IReadOnlyList<Prefix> ServiceCidrs { get; } =
    [Prefix.Parse("10.96.0.0/16"), Prefix.Parse("fd00:10:96::/112")];

    /// <summary>Without Kubernetes: what a node's pods get their addresses from.</summary>
    public static IReadOnlyList<Prefix> PodCidrsOf(int number) =>
        [Prefix.Parse(Text($"10.244.{number}.0/24")), Prefix.Parse(Text($"fd00:10:244:{number}::/64"))];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
