using Weft.Datapath;
using Weft.Net;
using Weft.Policy.Identities;

namespace Weft.Tests.Bpf;

/// <summary>
/// Direct return: the node that a client outside came to hands its packets over to the endpoint's node as they are, and
/// that one answers the client under the Service's address.
/// </summary>
public sealed class DirectReturnTests : IDisposable
{
    private const ushort NodePort = 30080;
    private const ushort TargetPort = 8080;
    private static int hosts = 200;

    private readonly DatapathFixture fixture = new();
    private readonly Ip otherNode = Ip.Parse($"192.0.2.{Interlocked.Increment(ref hosts)}");
    private readonly TunnelNode host;

    public DirectReturnTests()
    {
        host = new TunnelNode(fixture);
        fixture.ReturnDirectly();
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

    public void Dispose()
    {
        host.Dispose();
        fixture.Reset();
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void Through_the_tunnel_the_packet_is_handed_over_as_it_came(bool v4, byte protocol)
    {
        host.AddNode(otherNode);
        Serve(v4, protocol, Of(v4).PeerPod, Of(v4).Node);
        foreach (var flags in new[] { Packet.Syn, Packet.Ack, Packet.Fin })
        {
            var sent = FromClient(v4, protocol, Of(v4).Node) with { TcpFlags = flags };
            Assert.Equal(Vxlan.Payload(sent), Encapsulated(host.Run(Programs.FromNetdev, sent.ToFrame())).Payload);
        }

        // Only its client's packets are seen here.
        Assert.Equal(1, fixture.Datapath.Translations.Count());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void Without_a_tunnel_it_goes_to_the_node_if_that_is_a_neighbour(bool v4, byte protocol)
    {
        fixture.Routing(vxlan: false);
        Serve(v4, protocol, Of(v4).PeerPod, Of(v4).Node);
        var sent = FromClient(v4, protocol, Of(v4).Node);
        var on = fixture.Run(Programs.FromNetdev, sent);
        Assert.Equal(TcAction.Redirect, on.Action);
        Assert.Equal((sent with { Ttl = 63 }).ToFrame(), on.Frame);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void The_endpoints_node_shows_it_the_client_and_answers_in_place_of_the_other_node(bool v4, byte protocol)
    {
        var net = Of(v4);
        // A node port: the other node's address is none of a Service here.
        Serve(v4, protocol, net.Pod, net.Node);
        var sent = FromClient(v4, protocol, net.PeerNode) with { TcpFlags = Packet.Syn };
        var arrived = fixture.Run(Programs.FromNetdev, Vxlan.ToNode(sent));
        Assert.Equal((TcAction.Redirect, null), (arrived.Action, arrived.Dropped));
        Assert.Equal((net.World, net.Pod), (arrived.Packet.Source, arrived.Packet.Destination));
        Assert.Equal((5000, TargetPort), (arrived.Packet.SourcePort, arrived.Packet.DestinationPort));

        var reply = fixture.Run(Programs.FromPod, arrived.Packet.Reply() with { TcpFlags = Packet.Syn | Packet.Ack });
        Assert.Equal((net.PeerNode, net.World), (reply.Packet.Source, reply.Packet.Destination));
        Assert.Equal((NodePort, 5000), (reply.Packet.SourcePort, reply.Packet.DestinationPort));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Policies_of_the_endpoint_see_the_client(bool v4)
    {
        var net = Of(v4);
        Serve(v4, Packet.Tcp, net.Pod, net.Node);
        fixture.Isolate(net.Pod, PolicyWord.Of(7, ingress: true, egress: false));
        var sent = Vxlan.ToNode(FromClient(v4, Packet.Tcp, net.PeerNode) with { TcpFlags = Packet.Syn });
        Assert.Equal("POLICY_INGRESS", fixture.Run(Programs.FromNetdev, sent).Dropped);
        fixture.Allow(PolicyKey.Of(7, PolicyDirection.Ingress, ReservedIdentity.World, Packet.Tcp, TargetPort, 16));
        var again = Vxlan.ToNode(FromClient(v4, Packet.Tcp, net.PeerNode) with { TcpFlags = Packet.Syn });
        Assert.Null(fixture.Run(Programs.FromNetdev, again).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void What_a_node_has_handed_over_is_not_handed_over_again(bool v4)
    {
        var net = Of(v4);
        host.AddNode(otherNode);
        Serve(v4, Packet.Udp, net.PeerPod, net.Node);
        var inside = FromClient(v4, Packet.Udp, net.PeerNode);
        var on = Inside(Encapsulated(host.Run(Programs.FromNetdev, Vxlan.ToNode(inside).ToFrame())));
        Assert.Equal((net.PeerPod, TargetPort), (on.Destination, on.DestinationPort));
        Assert.NotEqual(net.World, on.Source);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_routers_word_about_a_reply_is_handed_over_too(bool v4)
    {
        var net = Of(v4);
        host.AddNode(otherNode);
        Serve(v4, Packet.Tcp, net.PeerPod, net.Node);
        var sent = FromClient(v4, Packet.Tcp, net.Node);
        host.Run(Programs.FromNetdev, sent.ToFrame());
        var error = Packet.Error(
            Ip.Parse(v4 ? "198.51.100.77" : "2001:db8:9::77"),
            net.Node,
            v4 ? (byte)3 : (byte)2,
            v4 ? (byte)4 : (byte)0,
            sent.Reply()
        );
        Assert.Equal(Vxlan.Payload(error), Encapsulated(host.Run(Programs.FromNetdev, error.ToFrame())).Payload);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void XDP_hands_over_as_tc_does(bool v4)
    {
        var net = Of(v4);
        host.AddNode(otherNode);
        Serve(v4, Packet.Tcp, net.PeerPod, net.Node);
        var sent = FromClient(v4, Packet.Tcp, net.Node);
        host.Run(Programs.FromNetdev, (sent with { TcpFlags = Packet.Syn }).ToFrame());
        // The way to this endpoint may be another test's for a moment.
        SpinWait.SpinUntil(() => Next().Destination == otherNode, TimeSpan.FromSeconds(5));
        Assert.Equal(
            (otherNode, true),
            (Next().Destination, Next().Payload.SequenceEqual(Vxlan.Payload(sent with { TcpFlags = Packet.Ack })))
        );

        Packet Next()
        {
            var (action, frame) = host.RunXdp((sent with { TcpFlags = Packet.Ack }).ToFrame());
            Assert.Equal(XdpAction.Transmit, action);
            return Packet.Parse(frame);
        }
    }

    [Fact]
    public void A_port_that_is_used_again_after_the_clients_end_gets_an_endpoint_anew()
    {
        host.AddNode(otherNode);
        Serve(v4: true, Packet.Tcp, Net.V4.PeerPod, Net.V4.Node);
        var sent = FromClient(true, Packet.Tcp, Net.V4.Node);
        host.Run(Programs.FromNetdev, (sent with { TcpFlags = Packet.Syn }).ToFrame());
        host.Run(Programs.FromNetdev, (sent with { TcpFlags = Packet.Fin | Packet.Ack }).ToFrame());
        Serve(v4: true, Packet.Tcp, Net.V4.Pod, Net.V4.Node);
        var again = host.Run(Programs.FromNetdev, (sent with { TcpFlags = Packet.Syn }).ToFrame());
        Assert.Equal(Net.V4.Pod, again.Packet.Destination);
    }

    private static Net Of(bool v4) => v4 ? Net.V4 : Net.V6;

    private static Packet FromClient(bool v4, byte protocol, Ip to) =>
        new()
        {
            Source = Of(v4).World,
            Destination = to,
            Protocol = protocol,
            SourcePort = 5000,
            DestinationPort = NodePort,
        };

    /// <summary>The Ethernet header is left over from the packet inside.</summary>
    private static Packet Encapsulated(Outcome outcome)
    {
        Assert.Equal((TcAction.Redirect, null), (outcome.Action, outcome.Dropped));
        outcome.Frame[12] = 8;
        outcome.Frame[13] = 0;
        return outcome.Packet;
    }

    private static Packet Inside(Packet outer) => Packet.Parse(outer.Payload.AsSpan(Vxlan.Header.Length));

    private void Serve(bool v4, byte protocol, Ip backend, Ip at) =>
        fixture.Serve(at, NodePort, protocol, [(backend, TargetPort)], side: ServiceSide.Outside);
}
