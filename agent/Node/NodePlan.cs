using Weft.Agent.Configuration;
using Weft.Agent.Peers;
using Weft.Datapath;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Agent.Node;

/// <summary>What maps and routes must hold for the node as it is and the peers as they are. Pure.</summary>
/// <param name="Peers">Contents of the peers map.</param>
/// <param name="Devices">Contents of the devices map.</param>
/// <param name="Routes">The host's routes to pods; all of <see cref="RouteProtocol"/>.</param>
/// <param name="Refused">Peers that cannot be used, and why.</param>
internal sealed record NodePlan(
    IReadOnlyDictionary<PeerKey, PeerValue> Peers,
    IReadOnlyDictionary<uint, DeviceValue> Devices,
    IReadOnlyList<Route> Routes,
    IReadOnlyList<string> Refused
)
{
    /// <summary>What marks a route as ours (rtm_protocol): a number nobody else uses.</summary>
    public const byte RouteProtocol = 87;

    /// <summary>Works out the plan.</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="underlay">The node's devices and addresses.</param>
    /// <param name="gateways">The node's address in each of its pod prefixes.</param>
    /// <param name="hostLink">weft_host.</param>
    /// <param name="mtu">MTU of pods.</param>
    /// <param name="peers">The other nodes.</param>
    public static NodePlan Make(
        NodeSettings settings,
        Underlay underlay,
        IReadOnlyList<Ip> gateways,
        IfIndex hostLink,
        int mtu,
        IReadOnlyList<Peer> peers
    )
    {
        var refused = new List<string>();
        var entries = new Dictionary<PeerKey, PeerValue>();
        var routes = settings.PodCidrs.Select(prefix => ToHost(prefix, hostLink, gateways, null)).ToList();
        var taken = new List<(Prefix Prefix, string Owner)>(settings.PodCidrs.Select(p => (p, settings.NodeName)));
        foreach (var peer in peers)
        {
            var clash = peer
                .PodCidrs.SelectMany(prefix => taken.Where(other => other.Prefix.Overlaps(prefix)), (p, o) => (p, o))
                .FirstOrDefault();
            if (clash.o.Owner is not null)
            {
                refused.Add($"{peer.Name}: its {clash.p} overlaps {clash.o.Prefix} of {clash.o.Owner}");
                continue;
            }

            if (peer.ReachedFrom([.. underlay.Devices.SelectMany(Addresses)]) is not { } node)
            {
                refused.Add($"{peer.Name}: it has no address of a family this node has");
                continue;
            }

            foreach (var prefix in peer.PodCidrs)
            {
                taken.Add((prefix, peer.Name));
                entries[PeerKey.From(prefix)] = Entry(node, PeerKind.Pod, underlay);
                routes.AddRange(ToPeer(settings, underlay, gateways, hostLink, mtu, peer, prefix));
            }

            foreach (var address in peer.Addresses)
            {
                entries[PeerKey.From(address.ToPrefix())] = Entry(node, PeerKind.Node, underlay);
            }
        }

        foreach (var own in underlay.Addresses.Concat(gateways))
        {
            entries[PeerKey.From(own.ToPrefix())] = new PeerValue { Kind = PeerKind.Self };
        }

        return new NodePlan(entries, Masquerading(settings, underlay), routes, refused);
    }

    private static PeerValue Entry(Ip node, PeerKind kind, Underlay underlay) =>
        new()
        {
            Node = MapAddress.From(node),
            Kind = kind,
            IfIndex = (uint)(underlay.Neighbouring(node)?.Link.Index.Value ?? 0),
        };

    private static IEnumerable<Ip> Addresses(UnderlayDevice device) => new[] { device.V4, device.V6 }.OfType<Ip>();

    private static Dictionary<uint, DeviceValue> Masquerading(NodeSettings settings, Underlay underlay) =>
        settings.Masquerade
            ? underlay.Devices.ToDictionary(
                device => (uint)device.Link.Index.Value,
                device => new DeviceValue
                {
                    V4 = device.V4 is { } v4 ? MapAddress.From(v4) : default,
                    V6 = device.V6 is { } v6 ? MapAddress.From(v6) : default,
                }
            )
            : [];

    // With the tunnel, weft_host's program sends the packet on; without, the peer itself is the next hop, if it is a
    // neighbour. If it is not, the network knows the way, and the default route leads there.
    private static IEnumerable<Route> ToPeer(
        NodeSettings settings,
        Underlay underlay,
        IReadOnlyList<Ip> gateways,
        IfIndex hostLink,
        int mtu,
        Peer peer,
        Prefix prefix
    )
    {
        if (settings.RoutingMode == RoutingMode.Vxlan)
        {
            yield return ToHost(prefix, hostLink, gateways, mtu);
            yield break;
        }

        foreach (var hop in peer.Addresses.Where(address => address.IsV4 == prefix.IsV4))
        {
            if (underlay.Neighbouring(hop) is { } device)
            {
                yield return new Route
                {
                    Destination = prefix,
                    Gateway = hop,
                    Link = device.Link.Index,
                    Protocol = RouteProtocol,
                };
                yield break;
            }
        }
    }

    private static Route ToHost(Prefix prefix, IfIndex hostLink, IReadOnlyList<Ip> gateways, int? mtu) =>
        new()
        {
            Destination = prefix,
            Link = hostLink,
            PreferredSource = gateways.Where(gateway => gateway.IsV4 == prefix.IsV4).Cast<Ip?>().FirstOrDefault(),
            Scope = prefix.IsV4 ? RouteScope.Link : RouteScope.Universe,
            Protocol = RouteProtocol,
            Mtu = mtu,
        };
}
