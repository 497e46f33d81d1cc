using Weft.Datapath;
using Weft.Net;

namespace Weft.Tests.Bpf;

/// <summary>weft_to_netdev and weft_from_netdev: masquerading, undone for replies and ICMP errors.</summary>
public sealed class MasqueradeTests
{
    private const byte Unreachable = 3;
    private const byte PortUnreachable = 3;
    private const byte FragmentationNeeded = 4;
    private const byte Unreachable6 = 1;
    private const byte PortUnreachable6 = 4;
    private const byte PacketTooBig6 = 2;

    private readonly DatapathFixture fixture = new();

    public static TheoryData<bool, byte> Transports =>
        new()
        {
            { true, Packet.Tcp },
            { true, Packet.Udp },
            { false, Packet.Tcp },
            { false, Packet.Udp },
        };

    public static TheoryData<bool> Families => [true, false];

    private Programs Programs => fixture.Datapath.Programs;

    [Theory]
    [MemberData(nameof(Transports))]
    public void A_pods_packet_to_the_world_leaves_under_the_nodes_address(bool v4, byte protocol)
    {
        var net = Of(v4);
        var sent = ToWorld(net, protocol);
        var left = Leave(sent);
        Assert.Equal(net.Node, left.Source);
        Assert.Equal(sent.Destination, left.Destination);
        Assert.Equal(sent.DestinationPort, left.DestinationPort);
        Assert.InRange(
            left.SourcePort,
            DatapathFixture.NatFirst,
            DatapathFixture.NatFirst + DatapathFixture.NatCount - 1
        );
        Assert.Equal(sent.Payload, left.Payload);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void Its_reply_comes_back_to_the_pod(bool v4, byte protocol)
    {
        var net = Of(v4);
        var sent = ToWorld(net, protocol);
        var outcome = Arrive(Leave(sent).Reply());
        Assert.Equal(TcAction.Redirect, outcome.Action);
        Assert.Equal(DatapathFixture.PodMac, outcome.Packet.DestinationMac);
        Assert.Equal((sent.Destination, sent.DestinationPort), (outcome.Packet.Source, outcome.Packet.SourcePort));
        Assert.Equal((sent.Source, sent.SourcePort), (outcome.Packet.Destination, outcome.Packet.DestinationPort));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_echo_is_translated_by_its_identifier(bool v4)
    {
        var net = Of(v4);
        var left = Leave(Packet.Echo(net.Pod, net.World, 77));
        Assert.Equal(net.Node, left.Source);
        Assert.InRange(
            left.SourcePort,
            DatapathFixture.NatFirst,
            DatapathFixture.NatFirst + DatapathFixture.NatCount - 1
        );
        var outcome = Arrive(Packet.Echo(net.World, net.Node, left.SourcePort, reply: true));
        Assert.Equal(TcAction.Redirect, outcome.Action);
        Assert.Equal((net.Pod, (ushort)77), (outcome.Packet.Destination, outcome.Packet.SourcePort));
    }

    [Fact]
    public void A_udp_packet_without_a_checksum_stays_without()
    {
        var left = Leave(ToWorld(Net.V4, Packet.Udp) with { UdpWithoutChecksum = true });
        Assert.True(left.UdpWithoutChecksum);
        Assert.Equal(Net.V4.Node, left.Source);
    }

    [Theory]
    [InlineData(true, Packet.Sctp)]
    [InlineData(false, Packet.Sctp)]
    [InlineData(true, Packet.Gre)]
    [InlineData(false, Packet.Gre)]
    public void Protocols_whose_ports_must_stay_get_the_address_only(bool v4, byte protocol)
    {
        var net = Of(v4);
        var sent = ToWorld(net, protocol);
        var left = Leave(sent);
        Assert.Equal((net.Node, sent.SourcePort), (left.Source, left.SourcePort));
        Assert.Equal(net.Pod, Arrive(left.Reply()).Packet.Destination);

        // A second pod cannot have the same mapping.
        var other = fixture.Run(Programs.ToNetdev, sent with { Source = net.OtherPod });
        Assert.Equal((TcAction.Shot, "NO_MASQUERADE_PORT"), (other.Action, other.Dropped));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void Equal_ports_of_two_pods_get_different_ones(bool v4, byte protocol)
    {
        var net = Of(v4);
        var sent = ToWorld(net, protocol);
        var one = Leave(sent);
        var two = Leave(sent with { Source = net.OtherPod });
        Assert.NotEqual(one.SourcePort, two.SourcePort);
        Assert.Equal(net.Pod, Arrive(one.Reply()).Packet.Destination);
        Assert.Equal(net.OtherPod, Arrive(two.Reply()).Packet.Destination);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_flow_keeps_its_port(bool v4)
    {
        var sent = ToWorld(Of(v4), Packet.Udp);
        Assert.Equal(Leave(sent).SourcePort, Leave(sent).SourcePort);
        Assert.Single(fixture.Datapath.Flows.ToDictionary());
        Assert.Single(fixture.Datapath.Nat.ToDictionary());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_port_of_the_range_serves_one_destination_and_a_flow_too_many_is_dropped_with_its_reason(bool v4)
    {
        var net = Of(v4);
        var ports = new HashSet<ushort>();
        var dropped = 0;
        for (ushort i = 0; i < DatapathFixture.NatCount * 2; i++)
        {
            var outcome = fixture.Run(
                Programs.ToNetdev,
                ToWorld(net, Packet.Udp) with
                {
                    SourcePort = (ushort)(30000 + i),
                }
            );
            if (outcome.Dropped is not null)
            {
                Assert.Equal("NO_MASQUERADE_PORT", outcome.Dropped);
                dropped++;
                continue;
            }

            Assert.True(ports.Add(outcome.Packet.SourcePort), "a port was given twice");
        }

        Assert.Equal(DatapathFixture.NatCount * 2, ports.Count + dropped);
        Assert.True(ports.Count > DatapathFixture.NatCount * 95 / 100, $"only {ports.Count} ports were found");

        // Another destination has the whole range anew.
        var other = Leave(ToWorld(net, Packet.Udp) with { DestinationPort = 444 });
        Assert.Equal(net.Node, other.Source);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_pod_cannot_speak_to_a_tunnel_under_the_nodes_address(bool v4)
    {
        var outcome = fixture.Run(Programs.ToNetdev, ToWorld(Of(v4), Packet.Udp) with { DestinationPort = 8472 });
        Assert.Equal((TcAction.Shot, "FOREIGN_TUNNEL"), (outcome.Action, outcome.Dropped));
    }

    [Fact]
    public void The_tunnels_port_is_never_masqueraded_with()
    {
        fixture.NatPorts(8472, 1);
        Assert.Equal("NO_MASQUERADE_PORT", fixture.Run(Programs.ToNetdev, ToWorld(Net.V4, Packet.Udp)).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_expired_flow_matches_no_reply_and_frees_its_port(bool v4)
    {
        var net = Of(v4);
        var left = Leave(ToWorld(net, Packet.Udp));
        var (key, flow) = fixture.Datapath.Flows.ToDictionary().Single();
        fixture.Datapath.Flows.Update(key, flow with { ExpiresNs = 1 });
        Assert.Equal(TcAction.Unspec, Arrive(left.Reply()).Action);

        // The only port there is: it can be had again although its entry is still there.
        fixture.NatPorts(left.SourcePort, 1);
        Assert.Equal(left.SourcePort, Leave(ToWorld(net, Packet.Udp) with { Source = net.OtherPod }).SourcePort);
        Assert.Equal(net.OtherPod, Arrive(left.Reply()).Packet.Destination);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_reply_entry_that_was_evicted_is_put_back_by_the_next_packet(bool v4)
    {
        var net = Of(v4);
        var sent = ToWorld(net, Packet.Tcp);
        var left = Leave(sent);
        fixture.Datapath.Nat.Remove(fixture.Datapath.Nat.ToDictionary().Keys.Single());
        Assert.Equal(left.SourcePort, Leave(sent).SourcePort);
        Assert.Equal(net.Pod, Arrive(left.Reply()).Packet.Destination);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Traffic_inside_the_cluster_keeps_its_address(bool v4)
    {
        var net = Of(v4);
        foreach (var destination in (Ip[])[net.PeerPod, net.PeerNode, net.Node])
        {
            var outcome = fixture.Run(Programs.ToNetdev, ToWorld(net, Packet.Udp) with { Destination = destination });
            Assert.Equal((TcAction.Unspec, net.Pod), (outcome.Action, outcome.Packet.Source));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_hosts_own_packets_are_left_alone(bool v4)
    {
        var net = Of(v4);
        var sent = ToWorld(net, Packet.Tcp) with { Source = net.Node };
        Assert.Equal(TcAction.Unspec, fixture.Run(Programs.ToNetdev, sent).Action);
        Assert.Equal(TcAction.Unspec, Arrive(sent.Reply()).Action);
        Assert.Empty(fixture.Datapath.Flows.ToDictionary());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_packet_that_answers_no_flow_is_the_hosts(bool v4)
    {
        var net = Of(v4);
        var left = Leave(ToWorld(net, Packet.Udp));
        var reply = left.Reply();
        Assert.Equal(TcAction.Unspec, Arrive(reply with { SourcePort = 9 }).Action);
        Assert.Equal(TcAction.Unspec, Arrive(reply with { Source = net.PeerNode }).Action);
        Assert.Equal(TcAction.Unspec, Arrive(reply with { Protocol = Packet.Tcp }).Action);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_family_without_an_address_on_the_device_is_dropped_with_its_reason(bool v4)
    {
        fixture.Datapath.Devices.Update(DatapathFixture.Loopback, default);
        var outcome = fixture.Run(Programs.ToNetdev, ToWorld(Of(v4), Packet.Udp));
        Assert.Equal((TcAction.Shot, "NO_MASQUERADE_ADDRESS"), (outcome.Action, outcome.Dropped));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void An_error_about_a_flow_reaches_the_pod_translated_inside_and_out(bool v4, bool tooBig)
    {
        var net = Of(v4);
        var router = v4 ? Ip.Parse("203.0.113.1") : Ip.Parse("2001:db8:7::1");
        foreach (
            var sent in (Packet[])
                [ToWorld(net, Packet.Tcp), ToWorld(net, Packet.Udp), Packet.Echo(net.Pod, net.World, 5)]
        )
        {
            var left = Leave(sent);
            var (type, code) = Kind(v4, tooBig);
            // The least a router may quote: the network header and 8 bytes (RFC 792).
            var error = Packet.Error(router, net.Node, type, code, left, (v4 ? 20 : 40) + 8);
            var outcome = Arrive(error);
            Assert.Equal(TcAction.Redirect, outcome.Action);
            Assert.Equal(DatapathFixture.PodMac, outcome.Packet.DestinationMac);
            Assert.Equal((router, net.Pod), (outcome.Packet.Source, outcome.Packet.Destination));
            Assert.Equal((type, code), (outcome.Packet.IcmpType, outcome.Packet.IcmpCode));
            AssertQuotes(sent, outcome.Packet);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_error_of_the_pod_about_a_reply_leaves_translated_inside_and_out(bool v4)
    {
        var net = Of(v4);
        var sent = ToWorld(net, Packet.Udp);
        var left = Leave(sent);
        var delivered = Arrive(left.Reply()).Packet;
        var (type, code) = Kind(v4, tooBig: false);
        var outcome = fixture.Run(Programs.ToNetdev, Packet.Error(net.Pod, net.World, type, code, delivered));
        Assert.Equal(TcAction.Unspec, outcome.Action);
        Assert.Equal((net.Node, net.World), (outcome.Packet.Source, outcome.Packet.Destination));
        AssertQuotes(left.Reply(), outcome.Packet);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_error_of_a_pod_about_no_flow_does_not_leave(bool v4)
    {
        var net = Of(v4);
        var (type, code) = Kind(v4, tooBig: false);
        var quoted = ToWorld(net, Packet.Udp).Reply();
        var outcome = fixture.Run(Programs.ToNetdev, Packet.Error(net.Pod, net.World, type, code, quoted));
        Assert.Equal((TcAction.Shot, "NO_MASQUERADE_FLOW"), (outcome.Action, outcome.Dropped));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_error_about_the_hosts_own_packet_is_the_hosts(bool v4)
    {
        var net = Of(v4);
        var (type, code) = Kind(v4, tooBig: true);
        var own = ToWorld(net, Packet.Tcp) with { Source = net.Node };
        Assert.Equal(TcAction.Unspec, Arrive(Packet.Error(net.World, net.Node, type, code, own)).Action);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Fragments_leave_and_come_back_together(bool v4)
    {
        var net = Of(v4);
        var head = ToWorld(net, Packet.Udp) with { FragmentId = 99, MoreFragments = true, Payload = new byte[64] };
        var later = head with { FragmentOffset = 72, MoreFragments = false };
        var left = Leave(head);
        Assert.Equal(net.Node, left.Source);
        Assert.Equal(net.Node, Leave(later).Source);

        var replyHead = left.Reply() with { FragmentId = 100 };
        Assert.Equal(net.Pod, Arrive(replyHead).Packet.Destination);
        Assert.Equal(net.Pod, Arrive(replyHead with { FragmentOffset = 72, MoreFragments = false }).Packet.Destination);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_connections_end_is_seen_from_both_sides(bool v4)
    {
        var net = Of(v4);
        var open = ToWorld(net, Packet.Tcp) with { TcpFlags = Packet.Syn };
        var reply = Leave(open).Reply() with { TcpFlags = Packet.Syn | Packet.Ack };
        Arrive(reply);
        Assert.Equal(FlowFlags.Masqueraded | FlowFlags.Replied, TheFlow().Flags & ~FlowFlags.HighBegan);
        var longest = TheFlow().ExpiresNs;

        Leave(open with { TcpFlags = Packet.Fin | Packet.Ack });
        Arrive(reply with { TcpFlags = Packet.Fin | Packet.Ack });
        Assert.True(TheFlow().Flags.HasFlag(FlowFlags.LowClosed | FlowFlags.HighClosed));
        Assert.True(TheFlow().ExpiresNs < longest, "a closed connection lives as long as an open one");

        Leave(open);
        Assert.Equal(FlowFlags.Masqueraded, TheFlow().Flags & ~FlowFlags.HighBegan);
    }

    [Fact]
    public void The_tunnels_own_packets_are_the_hosts()
    {
        var packet = new Packet
        {
            Source = Net.V4.PeerNode,
            Destination = Net.V4.Node,
            DestinationPort = 8472,
        };
        Assert.Equal(TcAction.Unspec, Arrive(packet).Action);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_packet_for_a_pod_goes_straight_to_it(bool v4)
    {
        var net = Of(v4);
        var outcome = Arrive(new Packet { Source = net.PeerPod, Destination = net.Pod });
        Assert.Equal((TcAction.Redirect, DatapathFixture.PodMac), (outcome.Action, outcome.Packet.DestinationMac));
    }

    private static Net Of(bool v4) => v4 ? Net.V4 : Net.V6;

    private static (byte Type, byte Code) Kind(bool v4, bool tooBig) =>
        v4
            ? (Unreachable, tooBig ? FragmentationNeeded : PortUnreachable)
            : (tooBig ? PacketTooBig6 : Unreachable6, tooBig ? (byte)0 : PortUnreachable6);

    private static Packet ToWorld(Net net, byte protocol) =>
        new()
        {
            Source = net.Pod,
            Destination = net.World,
            Protocol = protocol,
            SourcePort = protocol == Packet.Gre ? (ushort)0 : (ushort)40000,
            DestinationPort = protocol == Packet.Gre ? (ushort)0 : (ushort)443,
            TcpFlags = protocol == Packet.Tcp ? Packet.Ack : (byte)0,
        };

    private static void AssertQuotes(Packet expected, Packet error)
    {
        var quoted = error.Quoted();
        Assert.Equal(
            (expected.Source, expected.SourcePort, expected.Destination, expected.DestinationPort, expected.Protocol),
            (quoted.Source, quoted.SourcePort, quoted.Destination, quoted.DestinationPort, quoted.Protocol)
        );
    }

    private FlowValue TheFlow() => fixture.Datapath.Flows.ToDictionary().Single().Value;

    private Packet Leave(Packet packet)
    {
        if (packet.Source == Net.V4.Pod || packet.Source == Net.V6.Pod)
        {
            Assert.Null(fixture.Run(Programs.FromPod, packet).Dropped);
        }

        var outcome = fixture.Run(Programs.ToNetdev, packet);
        Assert.Equal((TcAction.Unspec, null), (outcome.Action, outcome.Dropped));
        return outcome.Packet;
    }

    private Outcome Arrive(Packet packet) => fixture.Run(Programs.FromNetdev, packet);
}
