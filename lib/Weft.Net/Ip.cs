using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Weft.Net;

/// <summary>
/// An IPv4 or IPv6 address as one 128-bit number, most significant bit first on the wire. IPv4 is held in its
/// IPv4-mapped form (::ffff:a.b.c.d, RFC 4291 §2.5.5.2), the form every BPF map uses, so both families take one path.
/// </summary>
public readonly record struct Ip : IComparable<Ip>
{
    private const ulong MappedHigh = 0;
    private const uint MappedMiddle = 0xffff;

    /// <summary>Bytes of an address as maps hold it.</summary>
    public const int Size = 16;

    private readonly UInt128 value;

    /// <summary>Takes the 128-bit number as it is; IPv4 must be IPv4-mapped already.</summary>
    public Ip(UInt128 value) => this.value = value;

    /// <summary>0.0.0.0.</summary>
    public static Ip AnyV4 { get; } = FromV4(0);

    /// <summary>::.</summary>
    public static Ip AnyV6 { get; }

    /// <summary>The 128-bit number.</summary>
    public UInt128 Value => value;

    /// <summary>True for an IPv4 (IPv4-mapped) address.</summary>
    public bool IsV4 => (ulong)(value >> 64) == MappedHigh && (uint)(value >> 32) == MappedMiddle;

    /// <summary>The socket address family.</summary>
    public AddressFamily Family => IsV4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    /// <summary>Bits of an address of this family: 32 or 128.</summary>
    public int Bits => IsV4 ? 32 : 128;

    /// <summary>True for fe80::/10 and 169.254.0.0/16 (RFC 4291, RFC 3927).</summary>
    public bool IsLinkLocal => IsV4 ? (uint)value >> 16 == 0xa9fe : (uint)(value >> 118) == 0x3fa;

    /// <summary>True for 127.0.0.0/8 and ::1.</summary>
    public bool IsLoopback => IsV4 ? (uint)value >> 24 == 127 : value == UInt128.One;

    /// <summary>An IPv4 address from its number in host byte order.</summary>
    public static Ip FromV4(uint address) => new(((UInt128)MappedMiddle << 32) | address);

    /// <summary>From 4 or 16 bytes in network order.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static Ip FromBytes(ReadOnlySpan<byte> network) =>
        network.Length switch
        {
            4 => FromV4(BinaryPrimitives.ReadUInt32BigEndian(network)),
            Size => new Ip(BinaryPrimitives.ReadUInt128BigEndian(network)),
            _ => throw new ArgumentException($"an IP address has 4 or 16 bytes, not {network.Length}", nameof(network)),
        };

    /// <summary>The same address as the class library's type; its IPv6 scope is dropped.</summary>
    public static Ip From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[Size];
        address.TryWriteBytes(bytes, out var length);
        return FromBytes(bytes[..length]);
    }

    /// <summary>Reads dotted-quad IPv4 or RFC 4291 IPv6 text without scope, port or leading zeros in IPv4 parts.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static Ip Parse(string text) =>
        TryParse(text, out var ip) ? ip : throw new FormatException($"\"{text}\" is not an IP address");

    /// <summary>As <see cref="Parse"/>, without the exception.</summary>
    public static bool TryParse(string? text, out Ip ip)
    {
        ip = default;
        if (string.IsNullOrEmpty(text) || text.Contains('%') || !IPAddress.TryParse(text, out var parsed))
        {
            return false;
        }

        // IPAddress also reads "1", "0x7f.1", "010.0.0.1" and "[::1]:80": none is an address in Kubernetes or CNI.
        if (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != text)
        {
            return false;
        }

        if (parsed.AddressFamily == AddressFamily.InterNetworkV6 && text.Contains('['))
        {
            return false;
        }

        ip = From(parsed);
        return true;
    }

    /// <summary>Writes the 16 map bytes (IPv4-mapped) in network order.</summary>
    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, value);

    /// <summary>The family's own bytes in network order: 4 or 16.</summary>
    public byte[] ToFamilyBytes()
    {
        Span<byte> mapped = stackalloc byte[Size];
        Write(mapped);
        return IsV4 ? mapped[12..].ToArray() : mapped.ToArray();
    }

    /// <summary>As the class library's type.</summary>
    public IPAddress ToIPAddress() => new(ToFamilyBytes());

    /// <summary>The address <paramref name="offset"/> further on.</summary>
    public Ip Add(UInt128 offset) => new(value + offset);

    /// <summary>This address alone: /32 or /128.</summary>
    public Prefix ToPrefix() => new(this, Bits);

    /// <inheritdoc/>
    public int CompareTo(Ip other) => value.CompareTo(other.value);

    /// <summary>Dotted quad, or RFC 5952 text.</summary>
    public override string ToString() => ToIPAddress().ToString();
}
