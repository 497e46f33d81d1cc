using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>A tunnel packet made by hand (RFC 7348 section 5), as somebody would make it who is no node.</summary>
internal static class Vxlan
{
    private const int Identifier = 1;
    private const byte Udp = 17;
    private static readonly byte[] OverlayMac = [0x56, 0x66, 0x74, 0x00, 0x00, 0x02];

    /// <summary>A datagram from one address to the other inside of an Ethernet frame behind the VXLAN header.</summary>
    public static byte[] Wrap(IPEndPoint source, IPEndPoint destination)
    {
        var v4 = source.AddressFamily == AddressFamily.InterNetwork;
        var udp = Datagram(source, destination);
        var network = v4 ? HeaderV4(source, destination, udp.Length) : HeaderV6(source, destination, udp.Length);
        byte[] vxlan = [0x08, 0, 0, 0, 0, 0, Identifier, 0];
        byte[] ethernet = [.. OverlayMac, 2, 0, 0, 0, 0, 9, .. v4 ? (byte[])[0x08, 0x00] : [0x86, 0xdd]];
        return [.. vxlan, .. ethernet, .. network, .. udp];
    }

    private static byte[] Datagram(IPEndPoint source, IPEndPoint destination)
    {
        byte[] udp = [0, 0, 0, 0, 0, 0, 0, 0, .. "tunnelled"u8];
        BinaryPrimitives.WriteUInt16BigEndian(udp, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(2), (ushort)destination.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(4), (ushort)udp.Length);
        byte[] pseudo =
        [
            .. source.Address.GetAddressBytes(),
            .. destination.Address.GetAddressBytes(),
            0,
            Udp,
            0,
            (byte)udp.Length,
            .. udp,
            // The sum is of 16-bit words.
            .. udp.Length % 2 == 0 ? (byte[])[] : [0],
        ];
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(6), Sum(pseudo));
        return udp;
    }

    private static byte[] HeaderV4(IPEndPoint source, IPEndPoint destination, int length)
    {
        byte[] header =
        [
            0x45,
            0,
            0,
            (byte)(20 + length),
            0,
            0,
            0,
            0,
            64,
            Udp,
            0,
            0,
            .. source.Address.GetAddressBytes(),
            .. destination.Address.GetAddressBytes(),
        ];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Sum(header));
        return header;
    }

    private static byte[] HeaderV6(IPEndPoint source, IPEndPoint destination, int length) =>
        [
            0x60,
            0,
            0,
            0,
            0,
            (byte)length,
            Udp,
            64,
            .. source.Address.GetAddressBytes(),
            .. destination.Address.GetAddressBytes(),
        ];

    /// <summary>RFC 1071, of whole words.</summary>
    private static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var i = 0; i < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        }

        while (sum > 0xffff)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
