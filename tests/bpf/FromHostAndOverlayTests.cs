using Weft.Datapath;
using Weft.Net;

namespace Weft.Tests.Bpf;

/// <summary>weft_from_host, and of weft_from_overlay what can be run without a tunnel.</summary>
public sealed class FromHostAndOverlayTests
{
    private readonly DatapathFixture fixture = new();

    public static TheoryData<bool> Families => [true, false];

    [Theory]
    [MemberData(nameof(Families))]
    public void The_host_reaches_its_pods_by_flows_of_its_own(bool v4)
    {
        var net = Of(v4);
        foreach (var source in (Ip[])[net.Node, net.Gateway])
        {
            var outcome = FromHost(new Packet { Source = source, Destination = net.Pod });
            Assert.Equal(TcAction.Redirect, outcome.Action);
            Assert.Equal(DatapathFixture.PodMac, outcome.Packet.DestinationMac);
        }

        Assert.All(
            fixture.Datapath.Flows.ToDictionary().Values,
            flow => Assert.False(flow.Flags.HasFlag(FlowFlags.ViaHost))
        );
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_host_reaches_other_nodes_pods_through_the_tunnel(bool v4)
    {
        var net = Of(v4);
        var outcome = FromHost(new Packet { Source = net.Gateway, Destination = net.PeerPod });
        Assert.Equal(TcAction.Redirect, outcome.Action);
        Assert.Equal(DatapathFixture.OverlayMac, outcome.Packet.DestinationMac);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_address_no_pod_has_is_dropped_with_its_reason(bool v4)
    {
        var net = Of(v4);
        var outcome = FromHost(new Packet { Source = net.Node, Destination = net.NoPod });
        Assert.Equal((TcAction.Shot, "NO_ENDPOINT"), (outcome.Action, outcome.Dropped));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void With_native_routing_no_peer_is_reached_through_weft_host(bool v4)
    {
        fixture.Routing(vxlan: false);
        var net = Of(v4);
        var outcome = FromHost(new Packet { Source = net.Node, Destination = net.PeerPod });
        Assert.Equal((TcAction.Shot, "NO_ENDPOINT"), (outcome.Action, outcome.Dropped));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_frame_that_came_through_no_tunnel_is_dropped(bool v4)
    {
        var net = Of(v4);
        var outcome = fixture.Run(
            fixture.Datapath.Programs.FromOverlay,
            new Packet { Source = net.PeerPod, Destination = net.Pod }
        );
        Assert.Equal((TcAction.Shot, "KERNEL_REFUSED"), (outcome.Action, outcome.Dropped));
    }

    private static Net Of(bool v4) => v4 ? Net.V4 : Net.V6;

    private Outcome FromHost(Packet packet) => fixture.Run(fixture.Datapath.Programs.FromHost, packet);
}
