using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Netlink;

public sealed class BatchTests
{
    private const int EEXIST = 17;

    [Fact]
    public void An_error_carries_what_the_kernel_says()
    {
        using var host = new Scratch();
        var route = new Route { Destination = Prefix.Parse("10.8.0.0/16"), Gateway = Ip.Parse("10.7.0.1") };
        var error = Assert.Throws<NetlinkException>(() => host.Socket.Execute(new RouteBatch().AddRoute(route)));
        Assert.Equal(101, error.Errno);
        Assert.Equal("Nexthop has invalid gateway", error.KernelMessage);
        Assert.Equal(
            "add route 10.8.0.0/16 in table 254 via 10.7.0.1: ENETUNREACH (Network is unreachable): "
                + "Nexthop has invalid gateway",
            error.Message
        );
    }

    [Fact]
    public void A_failure_in_the_middle_is_named_and_the_rest_is_made()
    {
        using var host = new Scratch();
        var batch = new RouteBatch().AddBridge("weft1").AddBridge("weft1").AddBridge("weft2");
        var error = Assert.Throws<NetlinkException>(() => host.Socket.Execute(batch));
        Assert.Equal((EEXIST, "add bridge weft1"), (error.Errno, error.Operation));
        Assert.NotNull(host.Socket.FindLink("weft2"));
    }

    [Fact]
    public void A_long_batch_is_sent_in_parts()
    {
        using var host = new Scratch();
        var link = host.AddPair();
        var batch = new RouteBatch();
        for (uint i = 0; i < 3000; i++)
        {
            batch.AddRoute(new Route { Destination = Ip.FromV4(0x0b000000 + i).ToPrefix(), Link = link });
        }

        Assert.Equal(3000, batch.Count);
        host.Socket.Execute(batch);
        Assert.Equal(3000, host.Socket.Routes(Route.MainTable).Count(r => r.IsV4HostOn(link)));
    }

    [Fact]
    public void An_empty_batch_does_nothing()
    {
        using var host = new Scratch();
        host.Socket.Execute(new RouteBatch());
    }

    [Fact]
    public void A_batch_can_be_executed_again()
    {
        using var host = new Scratch();
        var batch = new RouteBatch().AddBridge("weft1").DeleteLink("weft1");
        host.Socket.Execute(batch);
        host.Socket.Execute(batch);
    }

    [Fact]
    public void A_socket_goes_on_after_a_failure()
    {
        using var host = new Scratch();
        var error = Assert.Throws<NetlinkException>(() =>
            host.Socket.Execute(new RouteBatch().AddBridge("weft-a-name-too-long"))
        );
        Assert.NotEqual(0, error.Errno);
        host.Socket.Execute(new RouteBatch().AddBridge("weft1"));
        Assert.NotNull(host.Socket.FindLink("weft1"));
    }

    [Fact]
    public void A_namespace_closed_before_the_batch_is_executed_is_noticed()
    {
        using var host = new Scratch();
        var pod = NetworkNamespace.Create();
        var batch = new RouteBatch().AddVeth(
            new VethSpec
            {
                Name = "weft1",
                PeerName = "eth0",
                PeerNamespace = pod,
            }
        );
        pod.Dispose();
        Assert.Throws<ObjectDisposedException>(() => host.Socket.Execute(batch));
    }
}

file static class Routes
{
    public static bool IsV4HostOn(this Route route, IfIndex link) =>
        route.Link == link && route.Destination is { IsV4: true, Length: 32 };
}
