using Weft.Net;
using Weft.Netlink;

namespace Weft.Lab;

/// <summary>
/// The network between the nodes: one host outside of the cluster that is the nodes' switch, their gateway, and the
/// rest of the world. It has no route to any pod, as the world has none.
/// </summary>
internal static class Underlay
{
    private const string Bridge = "lan0";
    private const string Loopback = "lo";
    private const string NodeInterface = "eth0";

    public static void CreateOutside(LabDirectory lab)
    {
        using var outside = CreateMachine(lab.OutsideNetns);
        using var routes = RouteSocket.Open(outside);
        routes.Execute(new RouteBatch().AddBridge(Bridge));
        var bridge = IndexOf(routes, Bridge);
        var loopback = IndexOf(routes, Loopback);
        var batch = new RouteBatch();
        foreach (var world in AddressPlan.World)
        {
            batch.AddAddress(loopback, world.ToPrefix());
        }

        foreach (var gateway in AddressPlan.Gateway)
        {
            batch.AddAddress(bridge, gateway);
        }

        routes.Execute(batch.SetLink(loopback, Up).SetLink(bridge, Up));
    }

    /// <summary>A node's network namespace: eth0 with its addresses, and a default route to the outside host.</summary>
    public static void CreateNode(NodeFiles node)
    {
        using var outside = NetworkNamespace.Open(node.Lab.OutsideNetns);
        using var inside = CreateMachine(node.Netns);
        using (var routes = RouteSocket.Open(outside))
        {
            routes.Execute(
                new RouteBatch().AddVeth(
                    new VethSpec
                    {
                        Name = node.Name,
                        PeerName = NodeInterface,
                        PeerNamespace = inside,
                    }
                )
            );
            var port = IndexOf(routes, node.Name);
            routes.Execute(
                new RouteBatch().SetLink(port, new LinkChange { Master = IndexOf(routes, Bridge), Up = true })
            );
        }

        using (var routes = RouteSocket.Open(inside))
        {
            var eth0 = IndexOf(routes, NodeInterface);
            var batch = new RouteBatch().SetLink(IndexOf(routes, Loopback), Up).SetLink(eth0, Up);
            foreach (var (address, gateway) in AddressPlan.OfNode(node.Number).Zip(AddressPlan.Gateway))
            {
                batch
                    .AddAddress(eth0, address)
                    .AddRoute(
                        new Route
                        {
                            Destination = new Prefix(gateway.IsV4 ? Ip.AnyV4 : Ip.AnyV6, 0),
                            Gateway = gateway.Address,
                            Link = eth0,
                        }
                    );
            }

            routes.Execute(batch);
        }
    }

    /// <summary>What a runtime does before it calls CNI: a namespace with its loopback up.</summary>
    public static void CreatePod(PodFiles pod)
    {
        using var inside = NetworkNamespace.Create();
        inside.PinTo(pod.Netns);
        using var routes = RouteSocket.Open(inside);
        routes.Execute(new RouteBatch().SetLink(IndexOf(routes, Loopback), Up));
    }

    private static NetworkNamespace CreateMachine(string path)
    {
        var network = NetworkNamespace.Create();
        network.PinTo(path);

        // The plan leaves no duplicate addresses to detect (RFC 4862 §5.4), and IPv6 would not work until that is done.
        network.Run(() => File.WriteAllText("/proc/sys/net/ipv6/conf/default/accept_dad", "0"));
        return network;
    }

    private static LinkChange Up { get; } = new() { Up = true };

    private static IfIndex IndexOf(RouteSocket routes, string name) =>
        routes.FindLink(name)?.Index
        ?? throw new LabException($"the link {name} is gone from the lab: start the lab anew");
}
