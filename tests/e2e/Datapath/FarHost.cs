using System.Net;
using System.Net.Sockets;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>
/// A host behind the outside one, over a link narrower than all before it: the outside host has to say so to senders.
/// The far end is as wide as usual, or TCP would learn the width from it and never meet the narrow place.
/// </summary>
internal sealed class FarHost : IDisposable
{
    public const int NarrowMtu = 1300;
    private const string NearEnd = "weftfar";
    private const string FarEnd = "eth0";
    private readonly Machine outside;
    private readonly Machine host;

    public FarHost(Machine outside)
    {
        this.outside = outside;
        var network = NetworkNamespace.Create();
        host = new Machine("far", network, Ip.Parse("203.0.113.2"), Ip.Parse("2001:db8:fa::2"));
        try
        {
            Connect(outside.Network, network);
            AwaitLink();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Machine Host => host;

    public void Dispose()
    {
        using var routes = RouteSocket.Open(outside.Network);
        if (routes.FindLink(NearEnd) is { } link)
        {
            routes.Execute(new RouteBatch().DeleteLink(link.Index));
        }

        host.Dispose();
    }

    /// <summary>A new link takes IPv6 packets only once the kernel has noticed, in its own time, that both ends are up.</summary>
    private void AwaitLink()
    {
        foreach (var family in (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
        {
            var closed = new IPEndPoint(host[family], 9);
            Traffic.Eventually(
                "the far host answers",
                TimeSpan.FromSeconds(5),
                () => Traffic.ErrorOf(() => outside.TcpTo(closed)) == SocketError.ConnectionRefused
            );
        }
    }

    private static void Connect(NetworkNamespace outside, NetworkNamespace far)
    {
        outside.Run(() =>
        {
            Sysctl.Write("net/ipv4/ip_forward", "1");
            Sysctl.Write("net/ipv6/conf/all/forwarding", "1");
        });
        using var near = RouteSocket.Open(outside);
        near.Execute(
            new RouteBatch().AddVeth(
                new VethSpec
                {
                    Name = NearEnd,
                    Mtu = NarrowMtu,
                    PeerName = FarEnd,
                    PeerNamespace = far,
                    NoLinkLocal = true,
                }
            )
        );
        Configure(near, NearEnd, "203.0.113.1/24", "2001:db8:fa::1/64");
        using var inside = RouteSocket.Open(far);
        Configure(inside, FarEnd, "203.0.113.2/24", "2001:db8:fa::2/64");
        var eth0 = inside.FindLink(FarEnd)!.Index;
        var batch = new RouteBatch();
        foreach (var (any, gateway) in ((Ip, string)[])[(Ip.AnyV4, "203.0.113.1"), (Ip.AnyV6, "2001:db8:fa::1")])
        {
            batch.AddRoute(
                new Route
                {
                    Destination = new Prefix(any, 0),
                    Gateway = Ip.Parse(gateway),
                    Link = eth0,
                }
            );
        }

        inside.Execute(batch);
    }

    private static void Configure(RouteSocket routes, string name, params string[] addresses)
    {
        var link = routes.FindLink(name)!.Index;
        var batch = new RouteBatch().SetLink(link, new LinkChange { Up = true });
        foreach (var address in addresses)
        {
            batch.AddAddress(link, Prefix.Parse(address));
        }

        routes.Execute(batch);
    }
}
