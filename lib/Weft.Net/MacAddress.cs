using System.Buffers.Binary;
using System.Globalization;

namespace Weft.Net;

/// <summary>A 48-bit Ethernet address; <see cref="Value"/> holds it with the first byte on the wire most significant.</summary>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>Bytes of an Ethernet address.</summary>
    public const int Size = 6;

    /// <summary>From 6 bytes in wire order.</summary>
    public static MacAddress FromBytes(ReadOnlySpan<byte> wire) =>
        new(
            ((ulong)BinaryPrimitives.ReadUInt16BigEndian(wire) << 32) | BinaryPrimitives.ReadUInt32BigEndian(wire[2..])
        );

    /// <summary>A locally administered unicast address made of 46 of the given bits (IEEE 802, the U/L and I/G bits).</summary>
    public static MacAddress Local(ulong bits) => new((bits & 0xfcff_ffff_ffff) | 0x0200_0000_0000);

    /// <summary>Reads "aa:bb:cc:dd:ee:ff".</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static MacAddress Parse(string text) =>
        TryParse(text, out var mac) ? mac : throw new FormatException($"\"{text}\" is not a MAC address");

    /// <summary>As <see cref="Parse"/>, without the exception.</summary>
    public static bool TryParse(string? text, out MacAddress mac)
    {
        mac = default;
        var parts = text?.Split(':') ?? [];
        if (parts.Length != Size)
        {
            return false;
        }

        ulong value = 0;
        foreach (var part in parts)
        {
            if (
                part.Length != 2
                || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b)
            )
            {
                return false;
            }

            value = (value << 8) | b;
        }

        mac = new MacAddress(value);
        return true;
    }

    /// <summary>Writes 6 bytes in wire order.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(Value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(destination[2..], (uint)Value);
    }

    /// <summary>The 6 bytes in wire order.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Write(bytes);
        return bytes;
    }

    /// <summary>"aa:bb:cc:dd:ee:ff".</summary>
    public override string ToString() =>
        string.Join(':', ToBytes().Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
}
