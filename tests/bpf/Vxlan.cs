using Weft.Net;

namespace Weft.Tests.Bpf;

/// <summary>Packets in the tunnel, as RFC 7348 section 5 and the nodes' choice of MACs and identifier have them.</summary>
internal static class Vxlan
{
    private static int flows = 50000;

    public static readonly byte[] Header = [0x08, 0, 0, 0, 0, 0, 1, 0];

    /// <summary>The packet under the MACs that it has in the tunnel.</summary>
    public static Packet Inside(Packet packet) =>
        packet with
        {
            DestinationMac = DatapathFixture.OverlayMac,
            SourceMac = DatapathFixture.HostMac,
        };

    /// <summary>What stands behind the UDP header.</summary>
    public static byte[] Payload(Packet packet) => [.. Header, .. Inside(packet).ToFrame()];

    /// <summary>
    /// The packet on its way from the fixture's peer to its node, in a flow of its own: what is left to the device stays
    /// in mind. The loopback's MAC is all zeros.
    /// </summary>
    public static Packet ToNode(Packet packet) =>
        new()
        {
            Source = Net.V4.PeerNode,
            Destination = Net.V4.Node,
            SourcePort = (ushort)Interlocked.Increment(ref flows),
            DestinationPort = 8472,
            UdpWithoutChecksum = true,
            DestinationMac = default,
            Payload = Payload(packet),
        };
}
