using Weft.Bench.Traffic;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Bench.Baselines;

/// <summary>
/// Two machines on a bridge, as the lab's nodes are, each with a VXLAN device of the kernel's that knows its one
/// remote: what encapsulation costs without a container network. The ends of the traffic are on the devices themselves.
/// </summary>
internal sealed class PlainVxlan : IDisposable
{
    private const string Bridge = "lan0";
    private const string Device = "vxlan0";
    private const int Overhead = 50; // Ethernet, IPv4, UDP and VXLAN headers
    private const ushort Port = 4789;
    private const uint Network = 7;

    private readonly NetworkNamespace outside = NetworkNamespace.Create();
    private readonly NetworkNamespace[] machines = [NetworkNamespace.Create(), NetworkNamespace.Create()];

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
    }

    public TrafficPath Path { get; }

    public void Dispose()
    {
        outside.Dispose();
        machines[0].Dispose();
        machines[1].Dispose();
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
        var (v4, v6) = (Ip.Parse($"10.252.0.{number + 1}"), Ip.Parse($"fd00:252::{number + 1}"));
        Links.Configure(machines[number], Device, new Prefix(v4, 24), new Prefix(v6, 64));
        return new TrafficEnd(machines[number], v4, v6);
    }

    private static Ip Underlay(int number) => Ip.Parse($"192.0.2.{number + 11}");
}
