using Weft.Bench.Traffic;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Bench.Baselines;

/// <summary>Two namespaces and a veth pair: the least that two pods can have between them.</summary>
internal sealed class BareVeth : IDisposable
{
    private static readonly Prefix[] ClientAddresses = [Prefix.Parse("10.251.0.1/24"), Prefix.Parse("fd00:251::1/64")];
    private static readonly Prefix[] ServerAddresses = [Prefix.Parse("10.251.0.2/24"), Prefix.Parse("fd00:251::2/64")];

    private readonly NetworkNamespace client = NetworkNamespace.Create();
    private readonly NetworkNamespace server = NetworkNamespace.Create();

    /// <param name="mtu">Of the pods it is compared with: the path is to differ, not the packets.</param>
    public BareVeth(int mtu)
    {
        using (var routes = RouteSocket.Open(client))
        {
            routes.Execute(
                new RouteBatch().AddVeth(
                    new VethSpec
                    {
                        Name = "eth0",
                        Mtu = mtu,
                        PeerName = "eth0",
                        PeerMtu = mtu,
                        PeerNamespace = server,
                    }
                )
            );
        }

        Links.Configure(client, "eth0", ClientAddresses);
        Links.Configure(server, "eth0", ServerAddresses);
        Path = new TrafficPath(
            new TrafficEnd(client, ClientAddresses[0].Address, ClientAddresses[1].Address),
            new TrafficEnd(server, ServerAddresses[0].Address, ServerAddresses[1].Address)
        );
    }

    public TrafficPath Path { get; }

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
    }
}

internal static class Links
{
    public static IfIndex IndexOf(RouteSocket routes, string name) =>
        routes.FindLink(name)?.Index ?? throw new BenchException($"the link {name} is gone: repeat the run");

    /// <summary>Gives a link its addresses and switches it on.</summary>
    public static void Configure(NetworkNamespace inside, string name, params ReadOnlySpan<Prefix> addresses)
    {
        using var routes = RouteSocket.Open(inside);
        var link = IndexOf(routes, name);
        var batch = new RouteBatch().SetLink(link, new LinkChange { Up = true });
        foreach (var address in addresses)
        {
            batch.AddAddress(link, address);
        }

        routes.Execute(batch);
    }

    public static int MtuOf(NetworkNamespace inside, string name)
    {
        using var routes = RouteSocket.Open(inside);
        return routes.FindLink(name)?.Mtu ?? throw new BenchException($"the link {name} is gone: repeat the run");
    }
}
