using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weft.Netlink.Protocol;

/// <summary>One message as received: struct nlmsghdr and what follows.</summary>
internal readonly ref struct Message
{
    private const int HeaderSize = 16;

    public ushort Type { get; private init; }

    public ushort Flags { get; private init; }

    public uint Sequence { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>Takes the first message off a datagram; false at its end, or where it stops making sense.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> datagram, out Message message)
    {
        message = default;
        if (datagram.Length < HeaderSize)
        {
            return false;
        }

        var length = MemoryMarshal.Read<uint>(datagram);
        if (length < HeaderSize || length > datagram.Length)
        {
            return false;
        }

        message = new Message
        {
            Type = MemoryMarshal.Read<ushort>(datagram[4..]),
            Flags = MemoryMarshal.Read<ushort>(datagram[6..]),
            Sequence = MemoryMarshal.Read<uint>(datagram[8..]),
            Payload = datagram[HeaderSize..(int)length],
        };
        datagram = datagram[Math.Min(MessageWriter.Align((int)length), datagram.Length)..];
        return true;
    }

    /// <summary>The fixed part, with the attributes after it; false if the payload is shorter.</summary>
    public static bool TryReadBody<T>(ReadOnlySpan<byte> payload, out T body, out Attributes attributes)
        where T : unmanaged
    {
        var read = MemoryMarshal.TryRead(payload, out body);
        attributes = new Attributes(
            read ? payload[Math.Min(MessageWriter.Align(Unsafe.SizeOf<T>()), payload.Length)..] : default
        );
        return read;
    }
}
