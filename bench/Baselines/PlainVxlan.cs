using Weft.Bench.Traffic;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Bench.Baselines;

/// <summary>
/// Two machines on a bridge, as the lab's nodes are, each with a VXLAN device of the kernel's that knows its one
/// remote: what encapsulation costs without a container network. The ends of the traffic are on the devices themselves,
/// or in a namespace behind each machine that the kernel routes for: the least that pods can be.
/// </summary>
internal sealed class PlainVxlan : IDisposable
{
    private const string Bridge = "lan0";
    private const string Device = "vxlan0";
    private const int Overhead = 50; // Ethernet, IPv4, UDP and VXLAN headers
    private const ushort Port = 4789;
    private const uint Network = 7;

    private static readonly string[] Forwarding = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"];

    private readonly NetworkNamespace outside = NetworkNamespace.Create();
    private readonly NetworkNamespace[] machines = [NetworkNamespace.Create(), NetworkNamespace.Create()];
    private readonly NetworkNamespace[] pods = [NetworkNamespace.Create(), NetworkNamespace.Create()];

    public PlainVxlan()
    {
        using (var routes = RouteSocket.Open(outside))
        {
            routes.Execute(new RouteBatch().AddBridge(Bridge));
            Links.Configure(outside, Bridge);
            Connect(routes, 0);
            Connect(routes, 1);
        }

        Path = new TrafficPath(Overlay(0), Overlay(1));
        BetweenPods = new TrafficPath(Behind(0), Behind(1));
    }

    public TrafficPath Path { get; }

    public TrafficPath BetweenPods { get; }

    public void Dispose()
    {
        outside.Dispose();
        machines[0].Dispose();
        machines[1].Dispose();
        pods[0].Dispose();
        pods[1].Dispose();
    }

    private void Connect(RouteSocket routes, int number)
    {
        var port = $"port{number}";
        routes.Execute(
            new RouteBatch().AddVeth(
                new VethSpec
                {
                    Name = port,
                    PeerName = "eth0",
                    PeerNamespace = machines[number],
                }
            )
        );
        routes.Execute(
            new RouteBatch().SetLink(
                Links.IndexOf(routes, port),
                new LinkChange { Master = Links.IndexOf(routes, Bridge), Up = true }
            )
        );
        Links.Configure(machines[number], "eth0", new Prefix(Underlay(number), 24));
    }

    private TrafficEnd Overlay(int number)
    {
        using var routes = RouteSocket.Open(machines[number]);
        routes.Execute(
            new RouteBatch().AddVxlan(
                new VxlanSpec
                {
                    Name = Device,
                    Vni = Network,
                    Port = Port,
                    Local = Underlay(number),
                    Remote = Underlay(1 - number),
                    Mtu = Links.MtuOf(machines[number], "eth0") - Overhead,
                }
            )
        );
        var (v4, v6) = OverlayAddresses(number);
        Links.Configure(machines[number], Device, new Prefix(v4, 24), new Prefix(v6, 64));
        return new TrafficEnd(machines[number], v4, v6);
    }

    private TrafficEnd Behind(int number)
    {
        const string Port = "pod";
        var mtu = Links.MtuOf(machines[number], Device);
        using var routes = RouteSocket.Open(machines[number]);
        routes.Execute(
            new RouteBatch().AddVeth(
                new VethSpec
                {
                    Name = Port,
                    Mtu = mtu,
                    PeerName = "eth0",
                    PeerMtu = mtu,
                    PeerNamespace = pods[number],
                }
            )
        );
        var (v4, v6) = PodAddresses(number, 2);
        var (gatewayV4, gatewayV6) = PodAddresses(number, 1);
        Links.Configure(machines[number], Port, new Prefix(gatewayV4, 24), new Prefix(gatewayV6, 64));
        Links.Configure(pods[number], "eth0", new Prefix(v4, 24), new Prefix(v6, 64));
        machines[number].Run(() => Array.ForEach(Forwarding, setting => Sysctl.Write(setting, "1")));

        var (farV4, farV6) = PodAddresses(1 - number, 0);
        var (viaV4, viaV6) = OverlayAddresses(1 - number);
        routes.Execute(Routes((new Prefix(farV4, 24), viaV4), (new Prefix(farV6, 64), viaV6)));
        using var inside = RouteSocket.Open(pods[number]);
        inside.Execute(Routes((new Prefix(Ip.AnyV4, 0), gatewayV4), (new Prefix(Ip.AnyV6, 0), gatewayV6)));
        return new TrafficEnd(pods[number], v4, v6);
    }

    private static RouteBatch Routes(params ReadOnlySpan<(Prefix Destination, Ip Gateway)> routes)
    {
        var batch = new RouteBatch();
        foreach (var (destination, gateway) in routes)
        {
            batch.AddRoute(new Route { Destination = destination, Gateway = gateway });
        }

        return batch;
    }

    private static (Ip V4, Ip V6) OverlayAddresses(int number) =>
        (Ip.Parse($"10.252.0.{number + 1}"), Ip.Parse($"fd00:252::{number + 1}"));

    private static (Ip V4, Ip V6) PodAddresses(int number, int host) =>
        (Ip.Parse($"10.253.{number}.{host}"), Ip.Parse($"fd00:253:{number}::{host}"));

    private static Ip Underlay(int number) => Ip.Parse($"192.0.2.{number + 11}");
}
