using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Netlink;

public sealed class RouteTests
{
    [Theory]
    [InlineData("10.8.0.0/16", "10.9.0.2", "10.9.0.1")]
    [InlineData("0.0.0.0/0", "10.9.0.2", "10.9.0.1")]
    [InlineData("fd08::/48", "fd09::2", "fd09::1")]
    [InlineData("::/0", "fd09::2", "fd09::1")]
    public void A_route_reads_back_as_it_was_made(string destination, string gateway, string source)
    {
        using var host = new Scratch();
        var route = new Route
        {
            Destination = Prefix.Parse(destination),
            Gateway = Ip.Parse(gateway),
            Link = host.AddPair(),
            PreferredSource = Ip.Parse(source),
            Scope = RouteScope.Universe,
            Protocol = 99,
            Table = 1000,
            Mtu = 1234,
            Metric = 7,
        };
        host.Socket.Execute(new RouteBatch().AddRoute(route));
        Assert.Equal([route], host.Socket.Routes(1000));
        host.Socket.Execute(new RouteBatch().DeleteRoute(route));
        Assert.Empty(host.Socket.Routes(1000));
    }

    [Theory]
    [InlineData("10.8.0.1/32", "169.254.1.1")]
    [InlineData("fd08::1/128", "fe80::1")]
    [InlineData("0.0.0.0/0", "fe80::1")]
    public void A_gateway_that_no_route_leads_to_is_taken_on_link(string destination, string gateway)
    {
        using var host = new Scratch();
        var route = new Route
        {
            Destination = Prefix.Parse(destination),
            Gateway = Ip.Parse(gateway),
            Link = host.AddPair(),
            OnLink = true,
        };
        host.Socket.Execute(new RouteBatch().AddRoute(route));
        var found = host.Socket.Routes(Route.MainTable).Single(r => r.Destination == route.Destination);
        Assert.Equal((route.Gateway, route.Link, true), (found.Gateway, found.Link, found.OnLink));
    }

    [Fact]
    public void A_gateway_is_reached_by_a_route_to_the_link_in_the_same_batch()
    {
        using var host = new Scratch();
        var link = host.AddPair();
        var gateway = Ip.Parse("169.254.1.1");
        host.Socket.Execute(
            new RouteBatch()
                .AddRoute(new Route { Destination = gateway.ToPrefix(), Link = link })
                .AddRoute(
                    new Route
                    {
                        Destination = Prefix.Parse("0.0.0.0/0"),
                        Gateway = gateway,
                        Link = link,
                    }
                )
        );
        Assert.Equal("169.254.1.1", (string)host.Ip("route", "show", "default")[0]!["gateway"]!);
    }

    [Theory]
    [InlineData("10.8.0.0/16", "10.9.0.2", "10.9.0.3")]
    [InlineData("fd08::/48", "fd09::2", "fd09::3")]
    public void Replacing_leaves_one_route(string destination, string before, string after)
    {
        using var host = new Scratch();
        var link = host.AddPair();
        var route = new Route
        {
            Destination = Prefix.Parse(destination),
            Gateway = Ip.Parse(before),
            Link = link,
        };
        host.Socket.Execute(
            new RouteBatch().ReplaceRoute(route).ReplaceRoute(route with { Gateway = Ip.Parse(after) })
        );
        var found = Assert.Single(host.Socket.Routes(), r => r.Destination == route.Destination);
        Assert.Equal(Ip.Parse(after), found.Gateway);
    }

    [Theory]
    [InlineData("10.8.0.0/16", RouteType.Blackhole)]
    [InlineData("10.8.0.0/16", RouteType.Unreachable)]
    [InlineData("fd08::/48", RouteType.Blackhole)]
    [InlineData("fd08::/48", RouteType.Unreachable)]
    public void Packets_can_be_refused(string destination, RouteType type)
    {
        using var host = new Scratch();
        host.AddPair();
        var route = new Route { Destination = Prefix.Parse(destination), Type = type };
        host.Socket.Execute(new RouteBatch().AddRoute(route));
        Assert.Equal(type, host.Socket.Routes().Single(r => r.Destination == route.Destination).Type);
        host.Socket.Execute(new RouteBatch().DeleteRoute(route));
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    public void A_table_can_send_everything_to_this_host(string everything)
    {
        using var host = new Scratch();
        host.Socket.Execute(new RouteBatch().SetLink("lo", new LinkChange { Up = true }));
        var route = new Route
        {
            Destination = Prefix.Parse(everything),
            Type = RouteType.Local,
            Link = new IfIndex(1),
            Table = 2005,
        };
        host.Socket.Execute(new RouteBatch().AddRoute(route));
        Assert.Equal(RouteType.Local, Assert.Single(host.Socket.Routes(2005)).Type);
    }

    [Fact]
    public void A_table_that_is_not_there_has_no_routes()
    {
        using var host = new Scratch();
        Assert.Empty(host.Socket.Routes(3000));
    }
}
