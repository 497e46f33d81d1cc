using Weft.Datapath;
using Weft.Net;
using Weft.Policy.Identities;

namespace Weft.Tests.Bpf;

/// <summary>
/// Services for packets: what a pod whose sockets are left alone sends, and what comes in from outside, through the
/// tunnel or by a device.
/// </summary>
public sealed class ServicePacketTests : IDisposable
{
    private const ushort Port = 80;
    private const ushort NodePort = 30080;
    private const ushort TargetPort = 8080;
    private const byte Unreachable = 3;
    private const byte PortUnreachable = 3;
    private const byte FragmentationNeeded = 4;
    private const byte Unreachable6 = 1;
    private const byte PortUnreachable6 = 4;
    private const byte PacketTooBig6 = 2;

    private readonly DatapathFixture fixture = new();

    public ServicePacketTests()
    {
        foreach (var net in Net.Both)
        {
            // Both pods send through the one device there is.
            fixture.AddEndpoint(net.OtherPod, DatapathFixture.OtherPodIdentity, default);
        }
    }

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

    public void Dispose() => fixture.Reset();

    [Theory]
    [MemberData(nameof(Transports))]
    public void A_pods_packet_to_a_Service_goes_to_a_backend_and_the_reply_comes_from_the_Service(
        bool v4,
        byte protocol
    )
    {
        var net = Of(v4);
        Serve(net, protocol, [net.OtherPod]);
        var sent = ToService(net, protocol);
        var there = Redirected(fixture.Run(Programs.FromPod, sent));
        AssertEnds(there, (net.Pod, 4000), (net.OtherPod, TargetPort));
        Assert.Equal(sent.Payload, there.Payload);

        AssertReplyTo(sent, Redirected(fixture.Run(Programs.FromPod, Answer(there))));
        // And again: both directions are known now.
        AssertEnds(
            Redirected(fixture.Run(Programs.FromPod, sent with { TcpFlags = Packet.Ack })),
            (net.Pod, 4000),
            (net.OtherPod, TargetPort)
        );
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void The_reply_of_a_backend_on_another_node_comes_from_the_Service(bool v4, byte protocol)
    {
        var net = Of(v4);
        Serve(net, protocol, [net.PeerPod]);
        foreach (var vxlan in new[] { true, false })
        {
            fixture.Routing(vxlan);
            var sent = ToService(net, protocol) with { SourcePort = (ushort)(vxlan ? 4000 : 4001) };
            var there = Redirected(fixture.Run(Programs.FromPod, sent));
            AssertEnds(there, (net.Pod, sent.SourcePort), (net.PeerPod, TargetPort));
            if (!vxlan)
            {
                AssertReplyTo(sent, Redirected(fixture.Run(Programs.FromNetdev, Answer(there))));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void A_pod_reaches_itself_through_its_Service(bool v4, byte protocol)
    {
        var net = Of(v4);
        Serve(net, protocol, [net.Pod]);
        var sent = ToService(net, protocol);
        var there = Redirected(fixture.Run(Programs.FromPod, sent));
        Assert.Equal((net.Gateway, net.Pod, TargetPort), (there.Source, there.Destination, there.DestinationPort));
        AssertReplyTo(sent, Redirected(fixture.Run(Programs.FromPod, Answer(there))));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_host_port_on_a_loopback_address_is_for_no_packet(bool v4)
    {
        var net = Of(v4);
        var loopback = Ip.Parse(v4 ? "127.0.0.1" : "::1");
        Serve(net, Packet.Tcp, [net.OtherPod], loopback, Port, ServiceSide.Inside);
        Serve(net, Packet.Tcp, [net.OtherPod], loopback, Port, ServiceSide.Outside);
        var fromPod = fixture.Run(Programs.FromPod, ToService(net, Packet.Tcp) with { Destination = loopback });
        Assert.Equal(loopback, fromPod.Packet.Destination);
        var fromWorld = FromWorld(net, Packet.Tcp) with { Destination = loopback, DestinationPort = Port };
        Assert.Equal(loopback, fixture.Run(Programs.FromNetdev, fromWorld).Packet.Destination);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void A_backend_here_sees_the_outsides_own_address(bool v4, byte protocol)
    {
        var net = Of(v4);
        Serve(net, protocol, [net.Pod], net.Node, NodePort, ServiceSide.Outside);
        var sent = FromWorld(net, protocol);
        var there = Redirected(fixture.Run(Programs.FromNetdev, sent));
        AssertEnds(there, (net.World, 5000), (net.Pod, TargetPort));
        Assert.Equal(DatapathFixture.PodMac, there.DestinationMac);
        AssertReplyTo(sent, Redirected(fixture.Run(Programs.FromPod, Answer(there))));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void A_backend_on_another_node_answers_to_this_one(bool v4, byte protocol)
    {
        var net = Of(v4);
        Serve(net, protocol, [net.PeerPod], net.Node, NodePort, ServiceSide.Outside);
        fixture.Routing(vxlan: false);
        var sent = FromWorld(net, protocol);
        var there = Redirected(fixture.Run(Programs.FromNetdev, sent));
        Assert.Equal((net.Gateway, net.PeerPod, TargetPort), (there.Source, there.Destination, there.DestinationPort));
        Assert.InRange(
            there.SourcePort,
            DatapathFixture.NatFirst,
            DatapathFixture.NatFirst + DatapathFixture.NatCount - 1
        );
        AssertReplyTo(sent, Redirected(fixture.Run(Programs.FromNetdev, Answer(there))));

        // Another client with the same port: another port towards the backend.
        var other = Redirected(fixture.Run(Programs.FromNetdev, sent with { Source = Next(net.World) }));
        Assert.NotEqual(there.SourcePort, other.SourcePort);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void A_backend_in_the_nodes_own_network_is_the_stacks_and_its_reply_leaves_as_the_Services(
        bool v4,
        byte protocol
    )
    {
        var net = Of(v4);
        Serve(net, protocol, [net.Node], net.Node, NodePort, ServiceSide.Outside);
        var sent = FromWorld(net, protocol);
        var outcome = fixture.Run(Programs.FromNetdev, sent);
        Assert.Equal(TcAction.Unspec, outcome.Action);
        AssertEnds(outcome.Packet, (net.World, 5000), (net.Node, TargetPort));
        var left = fixture.Run(Programs.ToNetdev, Answer(outcome.Packet));
        Assert.Equal(TcAction.Unspec, left.Action);
        AssertReplyTo(sent, left.Packet);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Without_a_backend_TCP_is_reset(bool v4)
    {
        var net = Of(v4);
        Serve(net, Packet.Tcp, []);
        Serve(net, Packet.Tcp, [], net.Node, NodePort, ServiceSide.Outside);
        foreach (
            var (program, sent) in new[]
            {
                (Programs.FromPod, ToService(net, Packet.Tcp)),
                (Programs.FromNetdev, FromWorld(net, Packet.Tcp)),
            }
        )
        {
            var outcome = fixture.Run(program, sent);
            Assert.Equal("SERVICE_REFUSED", outcome.Dropped);
            var reset = Redirected(outcome);
            AssertReplyTo(sent, reset);
            Assert.Equal(Packet.Rst | Packet.Ack, reset.TcpFlags);
            Assert.Empty(reset.Payload);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Without_a_backend_UDPs_port_is_unreachable(bool v4)
    {
        var net = Of(v4);
        Serve(net, Packet.Udp, []);
        var sent = ToService(net, Packet.Udp);
        var error = Redirected(fixture.Run(Programs.FromPod, sent));
        Assert.Equal((Service(net), net.Pod), (error.Source, error.Destination));
        Assert.Equal(
            v4 ? (Unreachable, PortUnreachable) : (Unreachable6, PortUnreachable6),
            (error.IcmpType, error.IcmpCode)
        );
        AssertEnds(error.Quoted(), (net.Pod, sent.SourcePort), (Service(net), Port));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_Service_that_drops_gives_no_answer(bool v4)
    {
        var net = Of(v4);
        Serve(net, Packet.Tcp, [], flags: ServiceFlags.Drops);
        AssertDropped("NO_BACKEND", fixture.Run(Programs.FromPod, ToService(net, Packet.Tcp)));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Source_ranges_are_judged_by_the_clients_address(bool v4)
    {
        var net = Of(v4);
        Serve(net, Packet.Tcp, [net.Pod], net.Node, NodePort, ServiceSide.Outside, ServiceFlags.HasSourceRanges);
        AssertDropped("SERVICE_SOURCE", fixture.Run(Programs.FromNetdev, FromWorld(net, Packet.Tcp)));
        fixture.Datapath.ServiceSources.Update(ServiceSourceKey.Of(1, net.World.ToPrefix()), 0);
        Redirected(fixture.Run(Programs.FromNetdev, FromWorld(net, Packet.Tcp)));
    }

    [Fact]
    public void An_address_that_is_kept_for_Services_and_that_none_has_goes_nowhere()
    {
        var range = Prefix.Parse("10.96.0.0/12");
        fixture.Datapath.Peers.Update(
            PeerKey.From(range),
            new PeerValue { Kind = PeerKind.Services, Identity = ReservedIdentity.World }
        );
        AssertDropped("NO_SERVICE", fixture.Run(Programs.FromPod, ToService(Net.V4, Packet.Tcp)));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Policies_see_the_backend_and_not_the_Service(bool v4)
    {
        var net = Of(v4);
        Serve(net, Packet.Tcp, [net.OtherPod]);
        fixture.Isolate(net.Pod, PolicyWord.Of(7, ingress: false, egress: true));
        AssertDropped("POLICY_EGRESS", fixture.Run(Programs.FromPod, ToService(net, Packet.Tcp)));
        fixture.Allow(
            PolicyKey.Of(7, PolicyDirection.Egress, DatapathFixture.OtherPodIdentity, Packet.Tcp, TargetPort, 16)
        );
        Redirected(fixture.Run(Programs.FromPod, ToService(net, Packet.Tcp)));

        Serve(net, Packet.Tcp, [net.OtherPod], net.Node, NodePort, ServiceSide.Outside);
        fixture.Isolate(net.OtherPod, PolicyWord.Of(8, ingress: true, egress: false));
        AssertDropped("POLICY_INGRESS", fixture.Run(Programs.FromNetdev, FromWorld(net, Packet.Tcp)));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_UDP_client_moves_when_its_backend_serves_no_more_and_a_TCP_connection_stays(bool v4)
    {
        var net = Of(v4);
        foreach (var protocol in new[] { Packet.Tcp, Packet.Udp })
        {
            Serve(net, protocol, [net.OtherPod]);
            Redirected(fixture.Run(Programs.FromPod, ToService(net, protocol)));
            Serve(net, protocol, [net.PeerPod]);
            var next = ToService(net, protocol) with { TcpFlags = protocol == Packet.Tcp ? Packet.Ack : (byte)0 };
            Assert.Equal(
                protocol == Packet.Tcp ? net.OtherPod : net.PeerPod,
                Redirected(fixture.Run(Programs.FromPod, next)).Destination
            );
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_port_that_is_used_again_after_the_connection_gets_a_backend_anew(bool v4)
    {
        var net = Of(v4);
        Serve(net, Packet.Tcp, [net.OtherPod]);
        var there = Redirected(fixture.Run(Programs.FromPod, ToService(net, Packet.Tcp)));
        Serve(net, Packet.Tcp, [net.PeerPod]);
        // A SYN that is sent once more is of the connection it is of.
        Assert.Equal(net.OtherPod, Redirected(fixture.Run(Programs.FromPod, ToService(net, Packet.Tcp))).Destination);
        fixture.Run(Programs.FromPod, Answer(there) with { TcpFlags = Packet.Rst | Packet.Ack });
        Assert.Equal(net.PeerPod, Redirected(fixture.Run(Programs.FromPod, ToService(net, Packet.Tcp))).Destination);
    }

    /// <summary>When both close in one moment, the note of the one can be lost in that of the other.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void A_port_that_is_used_again_gets_a_backend_anew_also_when_only_one_direction_was_seen_to_close(bool v4)
    {
        var net = Of(v4);
        Serve(net, Packet.Tcp, [net.OtherPod]);
        var there = Redirected(fixture.Run(Programs.FromPod, ToService(net, Packet.Tcp)));
        fixture.Run(Programs.FromPod, Answer(there) with { TcpFlags = Packet.Fin | Packet.Ack });
        Serve(net, Packet.Tcp, [net.PeerPod]);
        // What the client still has to say is the connection's.
        var late = ToService(net, Packet.Tcp) with
        {
            TcpFlags = Packet.Ack,
        };
        Assert.Equal(net.OtherPod, Redirected(fixture.Run(Programs.FromPod, late)).Destination);
        Assert.Equal(net.PeerPod, Redirected(fixture.Run(Programs.FromPod, ToService(net, Packet.Tcp))).Destination);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_client_keeps_its_backend_by_its_address(bool v4)
    {
        var net = Of(v4);
        Serve(
            net,
            Packet.Tcp,
            [net.Pod, net.OtherPod, net.PeerPod],
            net.Node,
            NodePort,
            ServiceSide.Outside,
            affinity: 60
        );
        var chosen = Redirected(fixture.Run(Programs.FromNetdev, FromWorld(net, Packet.Tcp))).Destination;
        for (ushort port = 5001; port < 5020; port++)
        {
            var sent = FromWorld(net, Packet.Tcp) with { SourcePort = port };
            Assert.Equal(chosen, Redirected(fixture.Run(Programs.FromNetdev, sent)).Destination);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_error_of_the_backend_is_about_what_the_client_sent(bool v4)
    {
        var net = Of(v4);
        Serve(net, Packet.Udp, [net.Pod], net.Node, NodePort, ServiceSide.Outside);
        var sent = FromWorld(net, Packet.Udp);
        var there = Redirected(fixture.Run(Programs.FromNetdev, sent));
        var error = Packet.Error(
            net.Pod,
            net.World,
            v4 ? Unreachable : Unreachable6,
            v4 ? PortUnreachable : PortUnreachable6,
            there
        );
        var heard = Redirected(fixture.Run(Programs.FromPod, error));
        Assert.Equal((net.Node, net.World), (heard.Source, heard.Destination));
        AssertEnds(heard.Quoted(), (net.World, 5000), (net.Node, NodePort));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_routers_word_about_a_reply_finds_the_backend(bool v4)
    {
        var net = Of(v4);
        Serve(net, Packet.Tcp, [net.Pod], net.Node, NodePort, ServiceSide.Outside);
        var there = Redirected(fixture.Run(Programs.FromNetdev, FromWorld(net, Packet.Tcp)));
        var reply = Redirected(fixture.Run(Programs.FromPod, Answer(there)));
        var router = Next(net.World);
        var error = Packet.Error(
            router,
            net.Node,
            v4 ? Unreachable : PacketTooBig6,
            v4 ? FragmentationNeeded : (byte)0,
            reply
        );
        var heard = Redirected(fixture.Run(Programs.FromNetdev, error));
        Assert.Equal((router, net.Pod), (heard.Source, heard.Destination));
        Assert.Equal(DatapathFixture.PodMac, heard.DestinationMac);
        AssertEnds(heard.Quoted(), (net.Pod, TargetPort), (net.World, 5000));
    }

    [Fact]
    public void Later_fragments_follow_their_first()
    {
        var net = Net.V4;
        Serve(net, Packet.Udp, [net.OtherPod]);
        var first = ToService(net, Packet.Udp) with { FragmentId = 7, MoreFragments = true };
        Assert.Equal(net.OtherPod, Redirected(fixture.Run(Programs.FromPod, first)).Destination);
        var later = first with { FragmentOffset = 16, MoreFragments = false };
        Assert.Equal(net.OtherPod, Redirected(fixture.Run(Programs.FromPod, later)).Destination);
    }

    [Fact]
    public void SCTP_is_served_where_its_port_stays()
    {
        var net = Net.V4;
        fixture.Serve(Service(net), Port, Packet.Sctp, [(net.OtherPod, Port)]);
        AssertEnds(
            Redirected(fixture.Run(Programs.FromPod, ToService(net, Packet.Sctp))),
            (net.Pod, 4000),
            (net.OtherPod, Port)
        );
        Serve(net, Packet.Sctp, [net.OtherPod]);
        AssertDropped(
            "UNSUPPORTED_PROTOCOL",
            fixture.Run(Programs.FromPod, ToService(net, Packet.Sctp) with { SourcePort = 4001 })
        );
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void What_is_for_the_node_and_for_no_Service_is_the_stacks_as_it_is(bool v4)
    {
        var net = Of(v4);
        Serve(net, Packet.Tcp, [net.Pod], net.Node, NodePort, ServiceSide.Outside);
        var sent = FromWorld(net, Packet.Tcp) with { DestinationPort = 22 };
        var outcome = fixture.Run(Programs.FromNetdev, sent);
        Assert.Equal(TcAction.Unspec, outcome.Action);
        Assert.Equal(sent.ToFrame(), outcome.Frame);
    }

    private static Net Of(bool v4) => v4 ? Net.V4 : Net.V6;

    private static Ip Service(Net net) => Ip.Parse(net.Pod.IsV4 ? "10.96.0.1" : "fd00:96::1");

    private static Ip Next(Ip ip) => Ip.Parse(ip.IsV4 ? "198.51.100.10" : "2001:db8:9::a");

    private static Packet ToService(Net net, byte protocol) =>
        new()
        {
            Source = net.Pod,
            Destination = Service(net),
            Protocol = protocol,
            SourcePort = 4000,
            DestinationPort = Port,
            TcpFlags = Packet.Syn,
        };

    private static Packet FromWorld(Net net, byte protocol) =>
        new()
        {
            Source = net.World,
            Destination = net.Node,
            Protocol = protocol,
            SourcePort = 5000,
            DestinationPort = NodePort,
            TcpFlags = Packet.Syn,
        };

    private static Packet Answer(Packet packet) => packet.Reply() with { TcpFlags = Packet.Syn | Packet.Ack };

    private static Packet Redirected(Outcome outcome)
    {
        Assert.Equal((TcAction.Redirect, outcome.Dropped), (outcome.Action, outcome.Dropped));
        return outcome.Packet;
    }

    private static void AssertDropped(string reason, Outcome outcome) =>
        Assert.Equal((TcAction.Shot, reason), (outcome.Action, outcome.Dropped));

    private static void AssertEnds(Packet packet, (Ip, ushort) source, (Ip, ushort) destination)
    {
        Assert.Equal(source, (packet.Source, packet.SourcePort));
        Assert.Equal(destination, (packet.Destination, packet.DestinationPort));
    }

    private static void AssertReplyTo(Packet sent, Packet reply) =>
        AssertEnds(reply, (sent.Destination, sent.DestinationPort), (sent.Source, sent.SourcePort));

    private void Serve(
        Net net,
        byte protocol,
        IEnumerable<Ip> backends,
        Ip? address = null,
        ushort port = Port,
        ServiceSide side = ServiceSide.Inside,
        ServiceFlags flags = ServiceFlags.None,
        uint affinity = 0
    ) =>
        fixture.Serve(
            address ?? Service(net),
            port,
            protocol,
            [.. backends.Select(backend => (backend, TargetPort))],
            affinity: affinity,
            flags: flags,
            side: side
        );
}
