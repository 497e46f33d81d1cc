using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>A TCP segment over IPv4 that acknowledges something, in a place of its connection where nobody expects it.</summary>
internal static class StraySegment
{
    private const int HeaderBytes = 20;
    private const int PseudoHeaderBytes = 12;
    private const byte Ack = 0x10;

    /// <summary>The segment, without an IPv4 header.</summary>
    public static byte[] Of(IPEndPoint source, IPEndPoint destination, uint sequence)
    {
        // The pseudo header of the checksum (RFC 9293, 3.1), then the segment.
        var bytes = new byte[PseudoHeaderBytes + HeaderBytes];
        source.Address.MapToIPv4().TryWriteBytes(bytes, out _);
        destination.Address.MapToIPv4().TryWriteBytes(bytes.AsSpan(4), out _);
        bytes[9] = (byte)ProtocolType.Tcp;
        bytes[11] = HeaderBytes;
        var segment = bytes.AsSpan(PseudoHeaderBytes);
        BinaryPrimitives.WriteUInt16BigEndian(segment, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], (ushort)destination.Port);
        BinaryPrimitives.WriteUInt32BigEndian(segment[4..], sequence);
        segment[12] = HeaderBytes / 4 << 4;
        segment[13] = Ack;
        BinaryPrimitives.WriteUInt16BigEndian(segment[14..], ushort.MaxValue);
        BinaryPrimitives.WriteUInt16BigEndian(segment[16..], Checksum(bytes));
        return segment.ToArray();
    }

    /// <summary>Whether the next packet is that segment, as it came in.</summary>
    public static bool IsOne(Socket raw, IPEndPoint from, uint sequence)
    {
        var packet = new byte[1 << 16];
        var length = raw.Receive(packet);
        var segment = packet.AsSpan(0, length)[((packet[0] & 15) * 4)..];
        return new IPAddress(packet.AsSpan(12, 4)).Equals(from.Address)
            && BinaryPrimitives.ReadUInt16BigEndian(segment) == from.Port
            && BinaryPrimitives.ReadUInt32BigEndian(segment[4..]) == sequence;
    }

    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var i = 0; i < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        }

        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
