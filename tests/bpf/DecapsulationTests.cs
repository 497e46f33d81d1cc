using Weft.Datapath;
using Weft.Net;

namespace Weft.Tests.Bpf;

/// <summary>What weft_from_netdev takes out of the tunnel, and what it leaves to the kernel's device.</summary>
public sealed class DecapsulationTests
{
    // Of a frame.
    private const int VersionByte = 14;
    private const int TosByte = 15;
    private const int FragmentByte = 20;
    private const int UdpSumByte = 40;
    private const int FlagsByte = 42;
    private const int VniByte = 48;
    private const int InnerTypeByte = 62;

    private readonly DatapathFixture fixture = new();

    public static TheoryData<bool> Families => [true, false];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_packet_from_a_node_reaches_its_pod(bool v4)
    {
        var packet = FromPeer(v4);
        var outcome = Receive(Vxlan.ToNode(packet).ToFrame());
        Assert.Equal(TcAction.Redirect, outcome.Action);
        Assert.Equal(
            (packet with { DestinationMac = DatapathFixture.PodMac, SourceMac = DatapathFixture.HostMac }).ToFrame(),
            outcome.Frame
        );
        Assert.Single(fixture.Datapath.Flows.ToDictionary());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_packet_for_this_node_reaches_its_stack(bool v4)
    {
        var packet = FromPeer(v4) with { Destination = Of(v4).Gateway };
        var outcome = Receive(Vxlan.ToNode(packet).ToFrame());
        Assert.Equal(TcAction.Redirect, outcome.Action);
        Assert.Equal(
            (packet with { DestinationMac = DatapathFixture.HostMac, SourceMac = DatapathFixture.HostMac }).ToFrame(),
            outcome.Frame
        );
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_sender_that_is_no_node_is_dropped(bool v4)
    {
        foreach (var sender in (Ip[])[Net.V4.World, Net.V4.PeerPod, Net.V4.Node, Net.V4.Pod])
        {
            var outcome = Receive((Vxlan.ToNode(FromPeer(v4)) with { Source = sender }).ToFrame());
            Assert.Equal((TcAction.Shot, "FOREIGN_TUNNEL"), (outcome.Action, outcome.Dropped));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_node_does_not_speak_for_this_nodes_pods(bool v4)
    {
        var outcome = Receive(Vxlan.ToNode(FromPeer(v4) with { Source = Of(v4).OtherPod }).ToFrame());
        Assert.Equal((TcAction.Shot, "FOREIGN_SOURCE"), (outcome.Action, outcome.Dropped));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_address_no_pod_has_is_dropped_with_its_reason(bool v4)
    {
        var outcome = Receive(Vxlan.ToNode(FromPeer(v4) with { Destination = Of(v4).NoPod }).ToFrame());
        Assert.Equal((TcAction.Shot, "NO_ENDPOINT"), (outcome.Action, outcome.Dropped));
    }

    [Theory]
    [InlineData("with an outer sum", UdpSumByte, 0x12)]
    [InlineData("with a mark of congestion", TosByte, 0x03)]
    [InlineData("with a mark that the packet inside has to learn", TosByte, 0x01)]
    [InlineData("a fragment", FragmentByte, 0x20)]
    [InlineData("of another network", VniByte, 0x02)]
    [InlineData("without a network", FlagsByte, 0x00)]
    [InlineData("with ARP inside", InnerTypeByte + 1, 0x06)]
    [InlineData("with options", VersionByte, 0x46)]
    [InlineData("to another machine", 5, 0x01)]
    [InlineData("to another address", 33, 0x09)]
    public void What_is_not_plain_is_left_to_the_device_as_it_came(string what, int at, byte value)
    {
        var frame = Vxlan.ToNode(FromPeer(v4: true)).ToFrame();
        frame[at] = value;
        var outcome = Receive(frame);
        Assert.True(outcome.Action == TcAction.Unspec && outcome.Dropped is null, what);
        Assert.Equal(frame, outcome.Frame);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Behind_a_packet_that_was_left_to_the_device_its_flow_is_for_a_moment(bool v4)
    {
        var queue = fixture.Datapath.TunnelQueue;
        var before = queue.ToDictionary();
        var packet = Vxlan.ToNode(FromPeer(v4));
        var odd = packet.ToFrame();
        odd[TosByte] = 1;
        Assert.Equal(TcAction.Unspec, Receive(odd).Action);
        var (slot, left) = Assert.Single(queue.ToDictionary(), entry => entry.Value != before[entry.Key]);

        queue.Update(slot, left + (ulong)TimeSpan.FromHours(1).TotalNanoseconds);
        Assert.Equal(TcAction.Unspec, Receive(packet.ToFrame()).Action);
        var other = packet with { SourcePort = (ushort)(packet.SourcePort + 1) };
        queue.Update((slot + 1) % queue.Capacity, 0);
        Assert.Equal(TcAction.Redirect, Receive(other.ToFrame()).Action);

        queue.Update(slot, 0);
        Assert.Equal(TcAction.Redirect, Receive(packet.ToFrame()).Action);
    }

    private static Net Of(bool v4) => v4 ? Net.V4 : Net.V6;

    private static Packet FromPeer(bool v4) =>
        new()
        {
            Source = Of(v4).PeerPod,
            Destination = Of(v4).Pod,
            SourcePort = 1000,
            DestinationPort = 80,
        };

    private Outcome Receive(byte[] frame) => fixture.Run(fixture.Datapath.Programs.FromNetdev, frame);
}
