using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Weft.Net;

namespace Weft.Netlink.Protocol;

/// <summary>Writes netlink messages one after the other into a buffer that grows. Host byte order, all aligned to 4.</summary>
internal sealed class MessageWriter(int capacity = 512)
{
    private const int HeaderSize = 16;
    private const int SequenceOffset = 8;
    private const int AttributeHeaderSize = 4;
    private const ushort NLA_F_NESTED = 0x8000;

    private byte[] buffer = new byte[capacity];
    private int messageStart;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Starts a message: struct nlmsghdr and the fixed part that goes with the type.</summary>
    public void Begin<T>(ushort type, ushort flags, T body)
        where T : unmanaged
    {
        messageStart = Length;
        var header = Reserve(HeaderSize);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], flags);
        Body(body);
    }

    /// <summary>Ends it: its length is known now.</summary>
    public void End() => MemoryMarshal.Write(buffer.AsSpan(messageStart), (uint)(Length - messageStart));

    /// <summary>Numbers the message that starts at <paramref name="start"/>.</summary>
    public void SetSequence(int start, uint sequence) =>
        MemoryMarshal.Write(buffer.AsSpan(start + SequenceOffset), sequence);

    /// <summary>A fixed structure, aligned.</summary>
    public void Body<T>(T body)
        where T : unmanaged => MemoryMarshal.Write(Reserve(Unsafe.SizeOf<T>()), body);

    public void Attribute(ushort type, ReadOnlySpan<byte> value) => value.CopyTo(ReserveAttribute(type, value.Length));

    public void Attribute(ushort type, byte value) => ReserveAttribute(type, sizeof(byte))[0] = value;

    public void Attribute(ushort type, int value) => MemoryMarshal.Write(ReserveAttribute(type, sizeof(int)), value);

    public void Attribute(ushort type, uint value) => MemoryMarshal.Write(ReserveAttribute(type, sizeof(uint)), value);

    /// <summary>A string as the kernel wants names: UTF-8, ended by a zero.</summary>
    public void Attribute(ushort type, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, ReserveAttribute(type, length + 1));
    }

    public void Attribute(ushort type, MacAddress value) => value.Write(ReserveAttribute(type, MacAddress.Size));

    /// <summary>An address in its family's own length.</summary>
    public void Attribute(ushort type, Ip value) => WriteAddress(value, ReserveAttribute(type, value.Bits / 8));

    /// <summary>A number in network byte order, as ports are.</summary>
    public void AttributeBigEndian(ushort type, ushort value) =>
        BinaryPrimitives.WriteUInt16BigEndian(ReserveAttribute(type, sizeof(ushort)), value);

    /// <summary>Starts a nested attribute; the result goes to <see cref="EndNested"/>.</summary>
    public int BeginNested(ushort type)
    {
        var start = Length;
        ReserveAttribute((ushort)(type | NLA_F_NESTED), 0);
        return start;
    }

    public void EndNested(int start) => MemoryMarshal.Write(buffer.AsSpan(start), (ushort)(Length - start));

    public static void WriteAddress(Ip value, Span<byte> destination)
    {
        Span<byte> mapped = stackalloc byte[Ip.Size];
        value.Write(mapped);
        mapped[^(value.Bits / 8)..].CopyTo(destination);
    }

    public static int Align(int length) => (length + 3) & ~3;

    private Span<byte> ReserveAttribute(ushort type, int length)
    {
        var attribute = Reserve(AttributeHeaderSize + length);
        MemoryMarshal.Write(attribute, (ushort)(AttributeHeaderSize + length));
        MemoryMarshal.Write(attribute[2..], type);
        return attribute[AttributeHeaderSize..];
    }

    // Zeroed: the kernel checks padding and unused fields in strict mode, and Clear leaves old bytes behind.
    private Span<byte> Reserve(int length)
    {
        var start = Length;
        Length += Align(length);
        if (Length > buffer.Length)
        {
            Array.Resize(ref buffer, Math.Max(Length, buffer.Length * 2));
        }

        buffer.AsSpan(start, Length - start).Clear();
        return buffer.AsSpan(start, length);
    }
}
