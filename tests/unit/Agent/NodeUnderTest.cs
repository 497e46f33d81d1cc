using System.Net;
using Weft.Agent.Configuration;
using Weft.Agent.Node;
using Weft.Agent.Peers;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.Unit.Agent;

/// <summary>Inputs of the node's plan: a dual-stack node n1 with one device, changed as a test needs it.</summary>
internal static class NodeUnderTest
{
    public static readonly IfIndex HostLink = new(3);

    public static NodeSettings Settings(params string[] podCidrs) =>
        new(
            "n1",
            null,
            [.. podCidrs.Select(Prefix.Parse)],
            RoutingMode.Vxlan,
            8472,
            null,
            null,
            true,
            new PortRange(1024, 29999),
            TimeSpan.Zero,
            null,
            null,
            "/run/weft",
            "/sys/fs/bpf/weft",
            new IPEndPoint(IPAddress.IPv6Any, 9968)
        );

    /// <summary>A device with an MTU and addresses such as 192.0.2.1/24.</summary>
    public static UnderlayDevice Device(int index, int mtu, params string[] addresses)
    {
        var prefixes = addresses.Select(Prefix.Parse).ToList();
        return new UnderlayDevice(
            new Link
            {
                Index = new IfIndex(index),
                Name = $"eth{index}",
                Mtu = mtu,
            },
            prefixes.Where(prefix => prefix.IsV4).Select(prefix => (Ip?)prefix.Address).FirstOrDefault(),
            prefixes.Where(prefix => !prefix.IsV4).Select(prefix => (Ip?)prefix.Address).FirstOrDefault(),
            prefixes
        );
    }

    public static Underlay UnderlayOf(params UnderlayDevice[] devices) =>
        new(devices, [.. devices.SelectMany(device => device.OnLink).Select(prefix => prefix.Address)]);

    public static Peer PeerOf(string name, string[] addresses, string[] podCidrs) =>
        new(name, [.. addresses.Select(Ip.Parse)], [.. podCidrs.Select(Prefix.Parse)]);

    public static NodePlan Plan(NodeSettings settings, Underlay underlay, params Peer[] peers) =>
        NodePlan.Make(settings, underlay, settings.PodCidrs, HostLink, 1450, peers);
}
