using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Netlink;

public sealed class MonitorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Links_addresses_and_routes_are_seen_coming_and_going()
    {
        using var host = new Scratch();
        using var monitor = RouteMonitor.Open(host.Namespace);
        var link = host.AddPair();
        var v4 = Prefix.Parse("10.9.1.1/24");
        var v6 = Prefix.Parse("fd09:1::1/64");
        var route = new Route { Destination = Prefix.Parse("10.8.0.0/16"), Link = link };
        host.Socket.Execute(new RouteBatch().AddAddress(link, v4).AddAddress(link, v6).AddRoute(route));
        await Sees(
            monitor,
            e => e is LinkChanged { Link: { Name: "weft1", IsUp: true } },
            e => e is AddressAdded added && added.Address.Address == v4,
            e => e is AddressAdded added && added.Address.Address == v6,
            e => e is RouteAdded added && added.Route.Destination == route.Destination
        );

        host.Socket.Execute(
            new RouteBatch().DeleteRoute(route).DeleteAddress(link, v4).DeleteAddress(link, v6).DeleteLink(link)
        );
        await Sees(
            monitor,
            e => e is RouteRemoved removed && removed.Route.Destination == route.Destination,
            e => e is AddressRemoved removed && removed.Address.Address == v4,
            e => e is AddressRemoved removed && removed.Address.Address == v6,
            e => e is LinkRemoved { Name: "weft1" }
        );
    }

    [Fact]
    public async Task A_link_that_leaves_its_bridge_is_not_a_link_removed()
    {
        using var host = new Scratch();
        var link = host.AddPair();
        host.Socket.Execute(new RouteBatch().AddBridge("weftb"));
        var bridge = host.Index("weftb");
        using var monitor = RouteMonitor.Open(host.Namespace);
        host.Socket.Execute(
            new RouteBatch()
                .SetLink(link, new LinkChange { Master = bridge })
                .SetLink(link, new LinkChange { Master = new IfIndex(0) })
                .DeleteLink(bridge)
        );

        var first = await Sees(monitor, e => e is LinkRemoved);
        Assert.Equal(new LinkRemoved(bridge, "weftb"), first);
    }

    [Fact]
    public async Task Events_that_were_lost_are_told()
    {
        using var host = new Scratch();
        var link = host.AddPair();
        using var monitor = RouteMonitor.Open(host.Namespace);
        for (var round = 0; round < 20; round++)
        {
            var batch = new RouteBatch();
            for (uint i = 0; i < 1000; i++)
            {
                var route = new Route { Destination = Ip.FromV4(0x0b000000 + i).ToPrefix(), Link = link };
                batch.AddRoute(route).DeleteRoute(route);
            }

            host.Socket.Execute(batch);
        }

        await Sees(monitor, e => e is Overrun);
    }

    [Fact]
    public async Task Waiting_can_be_given_up()
    {
        using var host = new Scratch();
        using var monitor = RouteMonitor.Open(host.Namespace);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var seen in monitor.Read(cancel.Token))
            {
                Assert.Fail($"nothing happened, yet {seen}");
            }
        });
    }

    /// <summary>Reads until all of them came, in whatever order; the last one.</summary>
    private static async Task<RouteEvent?> Sees(RouteMonitor monitor, params Predicate<RouteEvent>[] expected)
    {
        using var cancel = new CancellationTokenSource(Patience);
        var missing = expected.ToList();
        await foreach (var seen in monitor.Read(cancel.Token))
        {
            missing.RemoveAll(e => e(seen));
            if (missing.Count == 0)
            {
                return seen;
            }
        }

        return null;
    }
}
