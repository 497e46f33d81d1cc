using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Netlink;

public sealed class NeighbourTests
{
    [Theory]
    [InlineData("10.9.0.7")]
    [InlineData("fd09::7")]
    public void A_permanent_neighbour_reads_back_is_replaced_and_goes_again(string address)
    {
        using var host = new Scratch();
        var link = host.AddPair();
        var neighbour = new Neighbour
        {
            Link = link,
            Address = Ip.Parse(address),
            Mac = MacAddress.Local(5),
        };
        host.Socket.Execute(new RouteBatch().AddNeighbour(neighbour));
        Assert.Equal([neighbour], host.Socket.Neighbours(link));
        Assert.Throws<NetlinkException>(() => host.Socket.Execute(new RouteBatch().AddNeighbour(neighbour)));

        var other = neighbour with { Mac = MacAddress.Local(6) };
        host.Socket.Execute(new RouteBatch().ReplaceNeighbour(other));
        Assert.Equal([other], host.Socket.Neighbours());
        Assert.Empty(host.Socket.Neighbours(host.Index("weft2")));

        host.Socket.Execute(new RouteBatch().DeleteNeighbour(other));
        Assert.Empty(host.Socket.Neighbours(link));
    }
}
