using System.Buffers.Binary;
using System.Numerics;

namespace Weft.Lab.Probes;

/// <summary>
/// The first two packets of an SCTP association (RFC 9260 §3.3.2, §3.3.3), made by hand: not every kernel has the
/// protocol, and a network must judge its packets all the same.
/// </summary>
internal static class SctpPacket
{
    private const int CommonHeaderBytes = 12;
    private const int ChunkBytes = 20;
    private const byte Init = 1;
    private const byte InitAck = 2;
    private const uint Tag = 0x77656674;

    /// <summary>An INIT.</summary>
    public static byte[] Open(ushort from, ushort to) => Build(from, to, tag: 0, Init);

    /// <summary>The INIT ACK to an INIT, or null when the packet is none.</summary>
    public static byte[]? Answer(ReadOnlySpan<byte> packet) =>
        Is(packet, Init) ? Build(DestinationPort(packet), SourcePort(packet), Tag, InitAck) : null;

    /// <summary>True for the INIT ACK that answers <see cref="Open"/>.</summary>
    public static bool IsAnswer(ReadOnlySpan<byte> packet, ushort from, ushort to) =>
        Is(packet, InitAck) && SourcePort(packet) == to && DestinationPort(packet) == from;

    /// <summary>Where a packet is to.</summary>
    public static ushort DestinationPort(ReadOnlySpan<byte> packet) =>
        BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);

    private static ushort SourcePort(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt16BigEndian(packet);

    private static bool Is(ReadOnlySpan<byte> packet, byte chunk) =>
        packet.Length >= CommonHeaderBytes + ChunkBytes && packet[CommonHeaderBytes] == chunk;

    private static byte[] Build(ushort from, ushort to, uint tag, byte chunk)
    {
        var packet = new byte[CommonHeaderBytes + ChunkBytes];
        BinaryPrimitives.WriteUInt16BigEndian(packet, from);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), to);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), tag);
        var body = packet.AsSpan(CommonHeaderBytes);
        body[0] = chunk;
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], ChunkBytes);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], Tag);
        // Receive window, one stream each way, first transmission sequence number.
        BinaryPrimitives.WriteUInt32BigEndian(body[8..], 1 << 16);
        BinaryPrimitives.WriteUInt16BigEndian(body[12..], 1);
        BinaryPrimitives.WriteUInt16BigEndian(body[14..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], 1);
        // RFC 9260 appendix A: CRC32c with the field zero, written little-endian.
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), Crc32c(packet));
        return packet;
    }

    private static uint Crc32c(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}
