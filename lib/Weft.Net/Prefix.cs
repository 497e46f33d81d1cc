using System.Globalization;

namespace Weft.Net;

/// <summary>
/// A CIDR prefix. Host bits given in text are kept in <see cref="Address"/> (an interface address such as
/// 10.0.0.5/24, and what Kubernetes objects may hold); <see cref="Network"/> clears them.
/// </summary>
public readonly record struct Prefix
{
    /// <summary>A prefix of <paramref name="length"/> bits in the address's own family.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Longer than the family's addresses.</exception>
    public Prefix(Ip address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.Bits);
        Address = address;
        Length = length;
    }

    /// <summary>The address as given, host bits included.</summary>
    public Ip Address { get; }

    /// <summary>Bits in the family's own count: 0 to 32, or 0 to 128.</summary>
    public int Length { get; }

    /// <summary>Bits counted in the 128-bit form that maps use: 96 more than <see cref="Length"/> for IPv4.</summary>
    public int MappedLength => Length + 128 - Address.Bits;

    /// <summary>True for IPv4.</summary>
    public bool IsV4 => Address.IsV4;

    /// <summary>First address of the prefix.</summary>
    public Ip First => new(Address.Value & Mask);

    /// <summary>Last address of the prefix.</summary>
    public Ip Last => new(Address.Value | ~Mask);

    /// <summary>The same prefix with host bits cleared.</summary>
    public Prefix Network => new(First, Length);

    private UInt128 Mask => MappedLength == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - MappedLength);

    /// <summary>Reads "address/length".</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static Prefix Parse(string text) =>
        TryParse(text, out var prefix)
            ? prefix
            : throw new FormatException($"\"{text}\" is not a prefix such as 10.0.0.0/24 or fd00::/64");

    /// <summary>As <see cref="Parse"/>, without the exception.</summary>
    public static bool TryParse(string? text, out Prefix prefix)
    {
        prefix = default;
        var slash = text?.IndexOf('/') ?? -1;
        if (slash < 0 || !Ip.TryParse(text![..slash], out var address))
        {
            return false;
        }

        var digits = text[(slash + 1)..];
        if (
            !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > address.Bits
            || (digits.Length > 1 && digits[0] == '0')
        )
        {
            return false;
        }

        prefix = new Prefix(address, length);
        return true;
    }

    /// <summary>True when the address is of this family and inside.</summary>
    public bool Contains(Ip address) => address.IsV4 == IsV4 && (address.Value & Mask) == First.Value;

    /// <summary>True when the two share an address.</summary>
    public bool Overlaps(Prefix other) => Contains(other.First) || other.Contains(First);

    /// <summary>"address/length".</summary>
    public override string ToString() => $"{Address}/{Length.ToString(CultureInfo.InvariantCulture)}";
}
