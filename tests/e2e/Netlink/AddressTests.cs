using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Netlink;

public sealed class AddressTests
{
    private const uint IFA_F_TENTATIVE = 0x40;
    private const uint IFA_F_PERMANENT = 0x80;

    [Theory]
    [InlineData("10.9.1.5/24")]
    [InlineData("10.9.1.5/32")]
    [InlineData("fd09:1::5/64")]
    [InlineData("fd09:1::5/128")]
    public void An_address_is_there_and_usable_at_once_and_goes_again(string text)
    {
        using var host = new Scratch();
        var link = host.AddPair();
        var address = Prefix.Parse(text);
        host.Socket.Execute(new RouteBatch().AddAddress(link, address));

        var found = Assert.Single(host.Socket.Addresses(link), a => a.Address == address);
        Assert.Equal((link, RouteScope.Universe), (found.Link, found.Scope));
        Assert.Equal(IFA_F_PERMANENT, found.Flags & (IFA_F_PERMANENT | IFA_F_TENTATIVE));

        host.Socket.Execute(new RouteBatch().DeleteAddress(link, address));
        Assert.DoesNotContain(host.Socket.Addresses(), a => a.Address == address);
    }

    [Theory]
    [InlineData("10.9.1.5/24")]
    [InlineData("fd09:1::5/64")]
    public void An_address_can_come_without_the_route_to_its_network(string text)
    {
        using var host = new Scratch();
        var link = host.AddPair();
        var address = Prefix.Parse(text);
        host.Socket.Execute(new RouteBatch().AddAddress(link, address, noPrefixRoute: true));
        Assert.DoesNotContain(host.Socket.Routes(Route.MainTable), r => r.Destination == address.Network);
        Assert.True(
            // The kernel makes the local route of an IPv6 address a moment later, by a worker.
            SpinWait.SpinUntil(
                () => host.Socket.Routes(Route.LocalTable).Any(r => r.Destination == address.Address.ToPrefix()),
                TimeSpan.FromSeconds(5)
            )
        );
    }

    [Fact]
    public void Addresses_are_listed_by_link()
    {
        using var host = new Scratch();
        host.AddPair();
        Assert.Empty(host.Socket.Addresses(host.Index("weft2")));
        Assert.Equal(
            ["10.9.0.1/24", "fd09::1/64"],
            host.Socket.Addresses(host.Index("weft1")).Select(a => a.Address.ToString())
        );
    }

    [Fact]
    public void A_link_that_is_not_there_has_no_addresses()
    {
        using var host = new Scratch();
        host.AddPair();
        Assert.Empty(host.Socket.Addresses(new IfIndex(4711)));
        Assert.Equal(2, host.Socket.Addresses().Count);
    }
}
