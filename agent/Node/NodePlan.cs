using Weft.Agent.Addresses;
using Weft.Agent.Configuration;
using Weft.Agent.Peers;
using Weft.Datapath;
using Weft.Net;
using Weft.Netlink;
using Weft.Policy.Identities;

namespace Weft.Agent.Node;

/// <summary>What maps and routes must hold for the node as it is and the peers as they are. Pure.</summary>
/// <param name="Peers">Contents of the peers map, but for single pods.</param>
/// <param name="Ways">How the pods of each peer that can be used are reached, by its name.</param>
/// <param name="Devices">Contents of the devices map.</param>
/// <param name="Routes">The host's routes to pods; all of <see cref="RouteProtocol"/>.</param>
/// <param name="Refused">Peers that cannot be used, and why.</param>
internal sealed record NodePlan(
    IReadOnlyDictionary<PeerKey, PeerValue> Peers,
    IReadOnlyDictionary<string, PeerWay> Ways,
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
    /// <param name="podCidrs">Prefixes of this node's pods, disjoint.</param>
    /// <param name="hostLink">weft_host.</param>
    /// <param name="mtu">MTU of pods.</param>
    /// <param name="peers">The other nodes.</param>
    public static NodePlan Make(
        NodeSettings settings,
        Underlay underlay,
        IReadOnlyList<Prefix> podCidrs,
        IfIndex hostLink,
        int mtu,
        IReadOnlyList<Peer> peers
    )
    {
        var gateways = podCidrs.Select(AddressPool.GatewayOf).ToList();
        var refused = new List<string>();
        var entries = new Dictionary<PeerKey, PeerValue>();
        var ways = new Dictionary<string, PeerWay>();
        var routes = podCidrs.Select(prefix => ToHost(prefix, hostLink, gateways, null)).ToList();
        var taken = new DisjointPrefixes();
        foreach (var prefix in podCidrs)
        {
            taken.Add(prefix, settings.NodeName);
        }

        var own = underlay.Devices.SelectMany(Addresses).ToList();
        foreach (var peer in peers)
        {
            if (Clash(peer, taken) is { } clash)
            {
                refused.Add(clash);
                continue;
            }

            if (peer.ReachedFrom(own) is not { } node)
            {
                refused.Add($"{peer.Name}: it has no address of a family this node has");
                continue;
            }

            var way = new PeerWay(
                Way(peer, node, true, settings, underlay),
                Way(peer, node, false, settings, underlay)
            );
            ways[peer.Name] = way;
            foreach (var prefix in peer.PodCidrs)
            {
                if (taken.Overlapping(prefix) is null)
                {
                    taken.Add(prefix, peer.Name);
                }

                entries[PeerKey.From(prefix)] = way.To(prefix.IsV4, ReservedIdentity.UnknownInCluster);
                // What the node itself sends to pods has its gateway as source.
                var gateway = AddressPool.GatewayOf(prefix);
                entries[PeerKey.From(gateway.ToPrefix())] = way.To(gateway, ReservedIdentity.OtherNode);
                if (ToPeer(settings, underlay, gateways, hostLink, mtu, peer, prefix) is { } route)
                {
                    routes.Add(route);
                }
            }

            foreach (var address in peer.Addresses)
            {
                entries[PeerKey.From(address.ToPrefix())] = way.To(address, ReservedIdentity.OtherNode) with
                {
                    Kind = PeerKind.Node,
                };
            }
        }

        foreach (var address in underlay.Addresses.Concat(gateways))
        {
            entries[PeerKey.From(address.ToPrefix())] = new PeerValue
            {
                Kind = PeerKind.Self,
                Identity = ReservedIdentity.ThisHost,
            };
        }

        var devices = OutsideDevices(underlay);
        devices[(uint)hostLink.Value] = DeviceValue.Of(
            gateways.Where(ip => ip.IsV4).Cast<Ip?>().FirstOrDefault(),
            gateways.Where(ip => !ip.IsV4).Cast<Ip?>().FirstOrDefault()
        );

        // Here is what no Service has: were it not known, it would leave by the default route.
        foreach (var prefix in settings.Services?.Cidrs ?? [])
        {
            entries[PeerKey.From(prefix)] = new PeerValue
            {
                Kind = PeerKind.Services,
                Identity = ReservedIdentity.World,
            };
        }

        return new NodePlan(entries, ways, devices, routes, refused);
    }

    private static string? Clash(Peer peer, DisjointPrefixes taken)
    {
        foreach (var prefix in peer.PodCidrs)
        {
            if (taken.Overlapping(prefix) is { } other)
            {
                return $"{peer.Name}: its {prefix} overlaps {other.Prefix} of {other.Owner}";
            }
        }

        return null;
    }

    // The tunnel goes to the node's one address, whatever is inside. Without it the next hop must be of the packet's
    // family, and a node that has none among our neighbours is left to the routes.
    private static PeerValue Way(Peer peer, Ip node, bool v4, NodeSettings settings, Underlay underlay)
    {
        var way = new PeerValue { Node = MapAddress.From(node), Kind = PeerKind.Pod };
        if (settings.RoutingMode == RoutingMode.Native && NextHop(peer, v4, underlay) is { } hop)
        {
            way.Node = MapAddress.From(hop.Address);
            way.IfIndex = (uint)hop.Link.Value;
        }

        return way;
    }

    /// <summary>The peer's first address of the family that is a neighbour of this node.</summary>
    private static (Ip Address, IfIndex Link)? NextHop(Peer peer, bool v4, Underlay underlay)
    {
        foreach (var address in peer.Addresses.Where(address => address.IsV4 == v4))
        {
            if (underlay.Neighbouring(address) is { } device)
            {
                return (address, device.Link.Index);
            }
        }

        return null;
    }

    private static IEnumerable<Ip> Addresses(UnderlayDevice device) => new[] { device.V4, device.V6 }.OfType<Ip>();

    private static Dictionary<uint, DeviceValue> OutsideDevices(Underlay underlay) =>
        underlay.Devices.ToDictionary(
            device => (uint)device.Link.Index.Value,
            device => DeviceValue.Of(device.V4, device.V6)
        );

    // With the tunnel, weft_host's program sends the packet on; without, the peer itself is the next hop, if it is a
    // neighbour. If it is not, the network knows the way, and the default route leads there.
    private static Route? ToPeer(
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
            return ToHost(prefix, hostLink, gateways, mtu);
        }

        return NextHop(peer, prefix.IsV4, underlay) is { } hop
            ? new Route
            {
                Destination = prefix,
                Gateway = hop.Address,
                Link = hop.Link,
                Protocol = RouteProtocol,
            }
            : null;
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
