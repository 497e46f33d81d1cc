using Weft.Datapath;
using Weft.Net;

namespace Weft.Tests.Bpf;

/// <summary>weft_from_pod.</summary>
public sealed class FromPodTests
{
    private readonly DatapathFixture fixture = new();

    public static TheoryData<bool> Families => [true, false];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_pod_of_this_node_gets_the_packet_under_its_mac(bool v4)
    {
        var net = Of(v4);
        var outcome = Send(
            new Packet
            {
                Source = net.Pod,
                Destination = net.OtherPod,
                SourcePort = 1000,
                DestinationPort = 80,
            }
        );
        Assert.Equal(TcAction.Redirect, outcome.Action);
        Assert.Equal(DatapathFixture.OtherPodMac, outcome.Packet.DestinationMac);
        Assert.Equal(DatapathFixture.HostMac, outcome.Packet.SourceMac);
        Assert.Equal(64, outcome.Packet.Ttl);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_address_that_is_not_the_pods_is_spoofed(bool v4)
    {
        var net = Of(v4);
        foreach (var source in (Ip[])[net.OtherPod, net.NoPod, net.World, net.Node, net.PeerPod])
        {
            var outcome = Send(new Packet { Source = source, Destination = net.OtherPod });
            Assert.Equal((TcAction.Shot, "SPOOFED_SOURCE"), (outcome.Action, outcome.Dropped));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_pod_of_another_node_is_reached_through_the_tunnel(bool v4)
    {
        var net = Of(v4);
        var outcome = Send(new Packet { Source = net.Pod, Destination = net.PeerPod });
        Assert.Equal(TcAction.Redirect, outcome.Action);
        Assert.Equal(DatapathFixture.OverlayMac, outcome.Packet.DestinationMac);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void With_native_routing_a_pod_of_another_node_is_one_hop_away(bool v4)
    {
        fixture.Routing(vxlan: false);
        var net = Of(v4);
        var outcome = Send(new Packet { Source = net.Pod, Destination = net.PeerPod });
        Assert.Equal((TcAction.Redirect, (byte)63), (outcome.Action, outcome.Packet.Ttl));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_packet_at_its_last_hop_is_the_hosts_to_answer(bool v4)
    {
        fixture.Routing(vxlan: false);
        var net = Of(v4);
        var outcome = Send(
            new Packet
            {
                Source = net.Pod,
                Destination = net.PeerPod,
                Ttl = 1,
            }
        );
        Assert.Equal(TcAction.Redirect, outcome.Action);
        Assert.Equal((DatapathFixture.HostMac, (byte)1), (outcome.Packet.DestinationMac, outcome.Packet.Ttl));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_host_gets_what_is_for_any_of_its_addresses(bool v4)
    {
        var net = Of(v4);
        foreach (var address in (Ip[])[net.Node, net.Gateway])
        {
            var outcome = Send(new Packet { Source = net.Pod, Destination = address });
            Assert.Equal(TcAction.Redirect, outcome.Action);
            Assert.Equal(DatapathFixture.HostMac, outcome.Packet.DestinationMac);
        }
    }

    [Theory]
    [InlineData("224.0.0.1")]
    [InlineData("239.1.2.3")]
    [InlineData("255.255.255.255")]
    [InlineData("ff02::1")]
    public void Multicast_and_broadcast_are_not_routed(string destination)
    {
        var net = Of(!destination.Contains(':'));
        var outcome = Send(new Packet { Source = net.Pod, Destination = Ip.Parse(destination) });
        Assert.Equal((TcAction.Shot, "MULTICAST"), (outcome.Action, outcome.Dropped));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Headers_cut_short_are_dropped_and_counted_wherever_the_cut_is(bool v4)
    {
        var net = Of(v4);
        var frame = new Packet
        {
            Source = net.Pod,
            Destination = net.OtherPod,
            Protocol = Packet.Tcp,
            Payload = [],
        }.ToFrame();
        var transport = 14 + (v4 ? 20 : 40);
        // Kernels from 6.18 on do not even run a program on less than the network header.
        for (var length = transport; length < transport + 14; length++)
        {
            var outcome = fixture.Run(fixture.Datapath.Programs.FromPod, frame[..length]);
            Assert.Equal((TcAction.Shot, "MALFORMED"), (outcome.Action, outcome.Dropped));
        }
    }

    [Fact]
    public void What_is_neither_ip_nor_arp_is_dropped()
    {
        var frame = new byte[64];
        frame[12] = 0x88;
        frame[13] = 0xcc;
        var outcome = fixture.Run(fixture.Datapath.Programs.FromPod, frame);
        Assert.Equal((TcAction.Shot, "UNSUPPORTED_PROTOCOL"), (outcome.Action, outcome.Dropped));
    }

    [Theory]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 60 })]
    [InlineData(new byte[] { 0, 43, 60 })]
    [InlineData(new byte[] { 0, 60, 43, 60, 60 })]
    public void Ipv6_extension_headers_are_walked(byte[] extensions)
    {
        var outcome = Send(
            new Packet
            {
                Source = Net.V6.Pod,
                Destination = Net.V6.OtherPod,
                Extensions = extensions,
            }
        );
        Assert.Equal(TcAction.Redirect, outcome.Action);
    }

    [Fact]
    public void More_extension_headers_than_a_packet_may_have_are_malformed()
    {
        var outcome = Send(
            new Packet
            {
                Source = Net.V6.Pod,
                Destination = Net.V6.OtherPod,
                Extensions = [0, 60, 43, 60, 60, 60, 60, 60],
            }
        );
        Assert.Equal((TcAction.Shot, "MALFORMED"), (outcome.Action, outcome.Dropped));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Where_ports_matter_a_later_fragment_passes_after_its_head_and_not_before(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.OtherPod, PolicyWord.Of(7, ingress: true, egress: true));
        fixture.Allow(
            PolicyKey.Of(7, PolicyDirection.Ingress, DatapathFixture.PodIdentity, Packet.Udp, port: 6, portLength: 16)
        );
        var head = new Packet
        {
            Source = net.Pod,
            Destination = net.OtherPod,
            SourcePort = 5,
            DestinationPort = 6,
            FragmentId = 4711,
            MoreFragments = true,
            Payload = new byte[64],
        };
        var later = head with { FragmentOffset = 72, MoreFragments = false };
        Assert.Equal("NO_FRAGMENT_HEAD", Send(later).Dropped);
        Assert.Equal(TcAction.Redirect, Send(head).Action);
        Assert.Equal(TcAction.Redirect, Send(later).Action);
        Assert.Equal("NO_FRAGMENT_HEAD", Send(later with { FragmentId = 4712 }).Dropped);
        fixture.Isolate(net.OtherPod, default(PolicyWord));
        Assert.Equal(TcAction.Redirect, Send(later with { FragmentId = 4713 }).Action);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Replies_to_what_came_through_the_hosts_stack_go_back_there(bool v4)
    {
        var net = Of(v4);
        var request = new Packet
        {
            Source = net.World,
            Destination = net.Pod,
            Protocol = Packet.Tcp,
            TcpFlags = Packet.Syn,
            SourcePort = 40000,
            DestinationPort = 80,
        };
        Assert.Equal(TcAction.Redirect, fixture.Run(fixture.Datapath.Programs.FromHost, request).Action);
        var outcome = Send(request.Reply());
        Assert.Equal(TcAction.Redirect, outcome.Action);
        Assert.Equal(DatapathFixture.HostMac, outcome.Packet.DestinationMac);
        Assert.Single(fixture.Datapath.Flows.ToDictionary());
    }

    private static Net Of(bool v4) => v4 ? Net.V4 : Net.V6;

    private Outcome Send(Packet packet) => fixture.Run(fixture.Datapath.Programs.FromPod, packet);
}
