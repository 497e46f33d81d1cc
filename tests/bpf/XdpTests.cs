using Weft.Datapath;
using Weft.Net;
using Weft.Policy.Identities;

namespace Weft.Tests.Bpf;

/// <summary>
/// The program ahead of the stack: connections between a client outside and a backend on another node, which the
/// program of tc has opened. Each test has a client and a node of its own: the programs remember ways for a moment.
/// </summary>
public sealed class XdpTests : IDisposable
{
    private const ushort NodePort = 30080;
    private const ushort TargetPort = 8080;
    private const int Ethernet = 14;
    private const int Tunnel = 50;
    private static int hosts = 10;

    private readonly DatapathFixture fixture = new();
    private readonly int number = Interlocked.Increment(ref hosts);
    private readonly TunnelNode host;

    public XdpTests() => host = new TunnelNode(fixture);

    public static TheoryData<bool, byte> Transports =>
        new()
        {
            { true, Packet.Tcp },
            { true, Packet.Udp },
            { false, Packet.Tcp },
            { false, Packet.Udp },
        };

    public static TheoryData<bool> Families => [true, false];

    private Ip OtherNode => Ip.Parse($"192.0.2.{number}");

    [Theory]
    [MemberData(nameof(Transports))]
    public void Through_the_tunnel_both_ways_are_as_those_of_tc(bool v4, byte protocol)
    {
        var there = Open(v4, protocol);
        var next = FromClient(v4, protocol) with { TcpFlags = Packet.Ack };
        var outer = Transmitted(next);
        Assert.Equal((Net.V4.Node, OtherNode), (outer.Source, outer.Destination));
        Assert.Equal((Packet.Udp, 64, 8472), (outer.Protocol, outer.Ttl, outer.DestinationPort));
        Assert.InRange(outer.SourcePort, 49152, ushort.MaxValue);
        Assert.True(outer.UdpWithoutChecksum);
        Assert.Equal(Vxlan.Payload(there with { TcpFlags = Packet.Ack }), outer.Payload);

        var reply = there.Reply() with { TcpFlags = Packet.Ack };
        var back = Transmitted(InTunnel(reply));
        AssertEnds(back, (Of(v4).Node, NodePort), (Client(v4), 5000));
        Assert.Equal((TunnelNode.FarMac, 63), (back.DestinationMac, back.Ttl));
        Assert.Equal(reply.Payload, back.Payload);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void Without_a_tunnel_both_ways_are_as_those_of_tc(bool v4, byte protocol)
    {
        fixture.Routing(vxlan: false);
        var backend = Neighbour(v4, number + 50);
        host.AddNeighbour(backend);
        var there = Open(v4, protocol, backend);
        var sent = FromClient(v4, protocol) with { TcpFlags = Packet.Ack };
        var on = Transmitted(sent);
        AssertEnds(on, (there.Source, there.SourcePort), (backend, TargetPort));
        Assert.Equal((TunnelNode.FarMac, 63), (on.DestinationMac, on.Ttl));
        Assert.Equal(sent.Payload, on.Payload);

        var back = Transmitted(there.Reply() with { TcpFlags = Packet.Ack, Ttl = 64 });
        AssertEnds(back, (Of(v4).Node, NodePort), (Client(v4), 5000));
        Assert.Equal((TunnelNode.FarMac, 63), (back.DestinationMac, back.Ttl));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Connections_are_opened_by_tc(bool v4)
    {
        AssertPassed(FromClient(v4, Packet.Udp));
        Open(v4, Packet.Tcp);
        AssertPassed(FromClient(v4, Packet.Tcp) with { TcpFlags = Packet.Syn });
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void What_is_not_plain_is_left_to_tc(bool v4)
    {
        Open(v4, Packet.Udp);
        var sent = FromClient(v4, Packet.Udp);
        Transmitted(sent);
        AssertPassed(sent with { FragmentId = 7, MoreFragments = true });
        AssertPassed(sent with { Ttl = 1 });
        AssertPassed(sent with { SourcePort = 5001 });
        AssertPassed(Packet.Echo(Client(v4), Of(v4).Node, 5000));
        AssertPassed(sent with { Payload = new byte[1500 - Tunnel - (v4 ? 20 : 40) - 8 + 1] });
        Transmitted(sent with { Payload = new byte[1500 - Tunnel - (v4 ? 20 : 40) - 8] });
        var cut = sent.ToFrame();
        for (var length = Ethernet; length < Ethernet + (v4 ? 20 : 40) + 8; length++)
        {
            Assert.Equal(XdpAction.Pass, host.RunXdp(cut[..length]).Action);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_backend_here_is_left_to_tc(bool v4)
    {
        Open(v4, Packet.Tcp, Of(v4).Pod);
        AssertPassed(FromClient(v4, Packet.Tcp) with { TcpFlags = Packet.Ack });
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_UDP_client_whose_backend_may_be_gone_is_left_to_tc(bool v4)
    {
        Open(v4, Packet.Udp);
        Transmitted(FromClient(v4, Packet.Udp));
        Serve(v4, Packet.Udp, Of(v4).OtherPod);
        AssertPassed(FromClient(v4, Packet.Udp));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_tunnels_packet_that_no_node_has_sent_is_left_to_tc(bool v4)
    {
        var there = Open(v4, Packet.Udp);
        AssertPassed(InTunnel(there.Reply()) with { Source = Ip.Parse($"198.51.100.{number}") });
        AssertPassed(InTunnel(there.Reply()) with { UdpWithoutChecksum = false });
        Transmitted(InTunnel(there.Reply()));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void UDP_without_a_checksum_stays_without(bool v4)
    {
        var there = Open(v4, Packet.Udp);
        var frame = host.RunXdp(InTunnel(there.Reply() with { UdpWithoutChecksum = true }).ToFrame()).Frame;
        Assert.Equal(0, frame[Ethernet + (v4 ? 20 : 40) + 6] | frame[Ethernet + (v4 ? 20 : 40) + 7]);
    }

    [Fact]
    public void A_reset_ends_the_connection_in_both_directions()
    {
        var there = Open(v4: true, Packet.Tcp);
        Transmitted(InTunnel(there.Reply() with { TcpFlags = Packet.Rst }));
        Serve(v4: true, Packet.Tcp, Net.V4.OtherPod);
        var again = host.Run(
            fixture.Datapath.Programs.FromNetdev,
            (FromClient(true, Packet.Tcp) with { TcpFlags = Packet.Syn }).ToFrame()
        );
        Assert.Equal(Net.V4.OtherPod, again.Packet.Destination);
    }

    public void Dispose()
    {
        host.Dispose();
        fixture.Reset();
    }

    private static Net Of(bool v4) => v4 ? Net.V4 : Net.V6;

    private static Ip Neighbour(bool v4, int number) => Ip.Parse(v4 ? $"192.0.2.{number}" : $"2001:db8::1:{number}");

    private Ip Client(bool v4) => Neighbour(v4, number + 100);

    private Ip PeerPod(bool v4) => Ip.Parse(v4 ? $"10.1.2.{number}" : $"fd00:1:2::{number}");

    private void Serve(bool v4, byte protocol, Ip backend) =>
        fixture.Serve(Of(v4).Node, NodePort, protocol, [(backend, TargetPort)], side: ServiceSide.Outside);

    private Packet FromClient(bool v4, byte protocol) =>
        new()
        {
            Source = Client(v4),
            Destination = Of(v4).Node,
            Protocol = protocol,
            SourcePort = 5000,
            DestinationPort = NodePort,
        };

    /// <summary>Lets the program of tc open a connection: what the backend gets of its first packet.</summary>
    private Packet Open(bool v4, byte protocol, Ip? backend = null)
    {
        host.AddNeighbour(OtherNode);
        host.AddNeighbour(Client(v4));
        fixture.AddPeer(OtherNode.ToPrefix(), OtherNode, PeerKind.Node, ReservedIdentity.OtherNode);
        fixture.AddPeer(PeerPod(v4).ToPrefix(), OtherNode, PeerKind.Pod, DatapathFixture.PeerPodIdentity);
        Serve(v4, protocol, backend ?? PeerPod(v4));
        var opened = host.Run(
            fixture.Datapath.Programs.FromNetdev,
            (FromClient(v4, protocol) with { TcpFlags = Packet.Syn }).ToFrame()
        );
        Assert.Equal(TcAction.Redirect, opened.Action);
        if (backend is not null)
        {
            return opened.Packet;
        }

        // The Ethernet header is left over from the packet inside.
        opened.Frame[12] = 8;
        opened.Frame[13] = 0;
        return Packet.Parse(Packet.Parse(opened.Frame).Payload.AsSpan(Vxlan.Header.Length));
    }

    private Packet InTunnel(Packet packet) => Vxlan.ToNode(packet) with { Source = OtherNode };

    private Packet Transmitted(Packet packet)
    {
        var (action, frame) = host.RunXdp(packet.ToFrame());
        Assert.Equal(XdpAction.Transmit, action);
        return Packet.Parse(frame);
    }

    private void AssertPassed(Packet packet)
    {
        var (action, frame) = host.RunXdp(packet.ToFrame());
        Assert.Equal(XdpAction.Pass, action);
        Assert.Equal(packet.ToFrame(), frame);
    }

    private static void AssertEnds(Packet packet, (Ip, ushort) source, (Ip, ushort) destination)
    {
        Assert.Equal(source, (packet.Source, packet.SourcePort));
        Assert.Equal(destination, (packet.Destination, packet.DestinationPort));
    }
}
