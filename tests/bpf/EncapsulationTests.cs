using Weft.Datapath;
using Weft.Net;

namespace Weft.Tests.Bpf;

/// <summary>
/// What the programs put into the tunnel, and what they leave to the kernel's device. Each test has a node of its own
/// number: the programs remember ways for a moment.
/// </summary>
public sealed class EncapsulationTests : IDisposable
{
    private const int EcnByte = 15; // of a frame: IPv4's type of service, IPv6's lower half of the traffic class
    private const int Headers = 50;
    private static int nodes = 10;

    private readonly DatapathFixture fixture = new();
    private readonly Ip node = Ip.Parse($"192.0.2.{Interlocked.Increment(ref nodes)}");
    private readonly TunnelNode host;

    public EncapsulationTests() => host = new TunnelNode(fixture);

    public static TheoryData<bool> Families => [true, false];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_packet_to_another_node_leaves_in_a_vxlan_frame(bool v4)
    {
        host.AddNode(node);
        foreach (var (program, source) in Senders(v4))
        {
            var packet = ToPeer(v4) with { Source = source };
            var outcome = host.Run(program, packet.ToFrame());

            Assert.Equal(TcAction.Redirect, outcome.Action);
            var outer = Outer(outcome);
            Assert.Equal((Net.V4.Node, node), (outer.Source, outer.Destination));
            Assert.Equal((Packet.Udp, 64, 8472), (outer.Protocol, outer.Ttl, outer.DestinationPort));
            Assert.InRange(outer.SourcePort, 49152, ushort.MaxValue);
            Assert.True(outer.UdpWithoutChecksum);
            Assert.Null(outer.FragmentId);
            Assert.Equal(0, outcome.Frame[20] & 0x40); // may be cut on its way
            Assert.Equal(Vxlan.Payload(packet), outer.Payload);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Congestion_of_before_does_not_show_outside(bool v4)
    {
        host.AddNode(node);
        foreach (var (inside, outside) in ((byte, byte)[])[(0, 0), (1, 1), (2, 2), (3, 2)])
        {
            var frame = ToPeer(v4).ToFrame();
            frame[EcnByte] |= (byte)(v4 ? inside : inside << 4);
            Assert.Equal(outside, host.Run(fixture.Datapath.Programs.FromPod, frame).Frame[EcnByte]);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_flow_has_one_port_and_flows_have_many(bool v4)
    {
        host.AddNode(node);
        var ports = Enumerable.Range(1000, 50).Select(port => (Port(Send(port, 1)), Port(Send(port, 100)))).ToList();
        Assert.All(ports, pair => Assert.Equal(pair.Item1, pair.Item2));
        Assert.InRange(ports.Distinct().Count(), 25, 50);

        ushort Port(Outcome outcome) => Outer(outcome).SourcePort;
        Outcome Send(int port, int bytes) =>
            host.Run(
                fixture.Datapath.Programs.FromPod,
                (ToPeer(v4) with { SourcePort = (ushort)port, Payload = new byte[bytes] }).ToFrame()
            );
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void What_does_not_fit_the_path_is_left_to_the_device(bool v4)
    {
        const int Mtu = 1400;
        host.SetMtu(Mtu);
        host.AddNode(node);
        var room = Mtu - Headers - (v4 ? 20 : 40) - 8;
        Assert.Equal(node, Outer(Send(room)).Destination);
        AssertLeft(ToPeer(v4) with { Payload = new byte[room + 1] });

        Outcome Send(int bytes) =>
            host.Run(fixture.Datapath.Programs.FromPod, (ToPeer(v4) with { Payload = new byte[bytes] }).ToFrame());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_node_not_resolved_yet_is_left_to_the_device(bool v4)
    {
        host.AddNode(node, isResolved: false);
        AssertLeft(ToPeer(v4));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_device_without_an_address_is_left_to_the_device_of_the_tunnel(bool v4)
    {
        host.AddNode(node);
        host.KnowDevice(default);
        AssertLeft(ToPeer(v4));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_node_reached_by_ipv6_is_left_to_the_device(bool v4)
    {
        fixture.AddPeer(Of(v4).PeerPod.ToPrefix(), Net.V6.PeerNode, PeerKind.Pod, DatapathFixture.PeerPodIdentity);
        AssertLeft(ToPeer(v4));
    }

    public void Dispose() => host.Dispose();

    private static Net Of(bool v4) => v4 ? Net.V4 : Net.V6;

    /// <summary>The tunnel's packet. Its Ethernet header is left over from the packet inside: the kernel makes a new one.</summary>
    private static Packet Outer(Outcome outcome)
    {
        byte[] frame = [.. outcome.Frame];
        (frame[12], frame[13]) = (0x08, 0x00);
        return Packet.Parse(frame);
    }

    private static Packet ToPeer(bool v4) =>
        new()
        {
            Source = Of(v4).Pod,
            Destination = Of(v4).PeerPod,
            SourcePort = 1000,
            DestinationPort = 80,
        };

    private IEnumerable<(Weft.Bpf.BpfProgram, Ip)> Senders(bool v4) =>
        [(fixture.Datapath.Programs.FromPod, Of(v4).Pod), (fixture.Datapath.Programs.FromHost, Of(v4).Gateway)];

    /// <summary>To weft_vxlan, as it came but for its MACs.</summary>
    private void AssertLeft(Packet packet)
    {
        var outcome = host.Run(fixture.Datapath.Programs.FromPod, packet.ToFrame());
        Assert.Equal(TcAction.Redirect, outcome.Action);
        Assert.Equal(Vxlan.Inside(packet).ToFrame(), outcome.Frame);
    }
}
