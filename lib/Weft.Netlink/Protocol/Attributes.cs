using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Weft.Net;

namespace Weft.Netlink.Protocol;

/// <summary>A run of attributes, for foreach; ends early where the bytes stop making sense.</summary>
internal ref struct Attributes(ReadOnlySpan<byte> rest)
{
    private const int HeaderSize = 4;
    private const ushort NLA_TYPE_MASK = 0x3fff;

    private ReadOnlySpan<byte> rest = rest;

    public Attribute Current { get; private set; }

    public readonly Attributes GetEnumerator() => this;

    public bool MoveNext()
    {
        if (rest.Length < HeaderSize)
        {
            return false;
        }

        var length = MemoryMarshal.Read<ushort>(rest);
        if (length < HeaderSize || length > rest.Length)
        {
            return false;
        }

        Current = new Attribute(
            (ushort)(MemoryMarshal.Read<ushort>(rest[2..]) & NLA_TYPE_MASK),
            rest[HeaderSize..length]
        );
        rest = rest[Math.Min(MessageWriter.Align(length), rest.Length)..];
        return true;
    }
}

/// <summary>One attribute; the readers give zero for a value that is too short.</summary>
internal readonly ref struct Attribute(ushort type, ReadOnlySpan<byte> value)
{
    public ushort Type { get; } = type;

    public ReadOnlySpan<byte> Value { get; } = value;

    public byte Byte => Value.Length > 0 ? Value[0] : default;

    public int Int => MemoryMarshal.TryRead<int>(Value, out var value) ? value : default;

    public uint UInt => MemoryMarshal.TryRead<uint>(Value, out var value) ? value : default;

    public ushort UShortBigEndian => BinaryPrimitives.TryReadUInt16BigEndian(Value, out var value) ? value : default;

    public string Text => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

    public Ip? Ip => Value.Length is 4 or Net.Ip.Size ? Net.Ip.FromBytes(Value) : null;

    /// <summary>Null for the hardware addresses of other kinds of links.</summary>
    public MacAddress? Mac => Value.Length == MacAddress.Size ? MacAddress.FromBytes(Value) : null;

    public Attributes Nested => new(Value);
}
