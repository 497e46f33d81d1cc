using System.Buffers.Binary;
using Weft.Net;

namespace Weft.Tests.Bpf;

/// <summary>weft_from_pod as the pods' neighbour.</summary>
public sealed class ResolutionTests
{
    private const byte Solicitation = 135;
    private const byte Advertisement = 136;

    private readonly DatapathFixture fixture = new();

    [Fact]
    public void Arp_for_the_gateway_is_answered_with_the_nodes_mac()
    {
        var outcome = fixture.Run(fixture.Datapath.Programs.FromPod, Arp(Net.V4.Gateway));
        Assert.Equal(TcAction.Redirect, outcome.Action);
        var arp = outcome.Frame.AsSpan(14);
        Assert.Equal(2, BinaryPrimitives.ReadUInt16BigEndian(arp[6..]));
        Assert.Equal(DatapathFixture.HostMac, MacAddress.FromBytes(arp[8..]));
        Assert.Equal(Net.V4.Gateway, Ip.FromBytes(arp[14..18]));
        Assert.Equal(DatapathFixture.PodMac, MacAddress.FromBytes(arp[18..]));
        Assert.Equal(Net.V4.Pod, Ip.FromBytes(arp[24..28]));
        Assert.Equal(DatapathFixture.PodMac, MacAddress.FromBytes(outcome.Frame));
    }

    [Fact]
    public void Arp_for_anything_else_is_not_answered()
    {
        // The pod's own address among them: an answer would tell it that somebody else has it (RFC 5227).
        foreach (var target in (Ip[])[Net.V4.Pod, Net.V4.OtherPod, Net.V4.PeerPod, Net.V4.World])
        {
            var outcome = fixture.Run(fixture.Datapath.Programs.FromPod, Arp(target));
            Assert.Equal((TcAction.Shot, "UNSUPPORTED_PROTOCOL"), (outcome.Action, outcome.Dropped));
        }
    }

    [Fact]
    public void A_solicitation_for_the_gateway_is_answered_with_the_nodes_mac()
    {
        var outcome = fixture.Run(
            fixture.Datapath.Programs.FromPod,
            Solicit(Net.V6.Gateway, Ip.Parse("ff02::1:ff00:1"))
        );
        Assert.Equal(TcAction.Redirect, outcome.Action);
        var answer = outcome.Packet;
        Assert.Equal((Net.V6.Gateway, Net.V6.Pod), (answer.Source, answer.Destination));
        Assert.Equal((Advertisement, (byte)255), (answer.IcmpType, answer.Ttl));
        Assert.Equal(0x6000, answer.SourcePort);
        Assert.Equal(Net.V6.Gateway, Ip.FromBytes(answer.Payload.AsSpan(0, 16)));
        Assert.Equal((2, 1), (answer.Payload[16], answer.Payload[17]));
        Assert.Equal(DatapathFixture.HostMac, MacAddress.FromBytes(answer.Payload.AsSpan(18)));
        Assert.Equal(DatapathFixture.PodMac, answer.DestinationMac);
    }

    [Fact]
    public void A_solicitation_for_anything_else_is_not_answered()
    {
        foreach (var target in (Ip[])[Net.V6.Pod, Net.V6.OtherPod, Net.V6.World])
        {
            var outcome = fixture.Run(fixture.Datapath.Programs.FromPod, Solicit(target, Ip.Parse("ff02::1:ff00:5")));
            Assert.Equal((TcAction.Shot, "MULTICAST"), (outcome.Action, outcome.Dropped));
        }
    }

    private static byte[] Arp(Ip target)
    {
        var mac = DatapathFixture.PodMac.ToBytes();
        return
        [
            .. Enumerable.Repeat((byte)0xff, 6),
            .. mac,
            .. (byte[])[0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1],
            .. mac,
            .. Net.V4.Pod.ToFamilyBytes(),
            .. new byte[6],
            .. target.ToFamilyBytes(),
        ];
    }

    private static Packet Solicit(Ip target, Ip destination) =>
        new()
        {
            Source = Net.V6.Pod,
            Destination = destination,
            SourceMac = DatapathFixture.PodMac,
            Protocol = Packet.Icmp6,
            IcmpType = Solicitation,
            Ttl = 255,
            Payload = [.. target.ToFamilyBytes(), 1, 1, .. DatapathFixture.PodMac.ToBytes()],
        };
}
