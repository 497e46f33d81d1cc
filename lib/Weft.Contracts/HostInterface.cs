using System.Buffers;
using System.Globalization;
using System.Text;

namespace Weft.Contracts;

/// <summary>
/// The name of a veth's host end. It follows from the attachment alone, so that DEL can remove the link while the
/// agent is down, and so that two ADDs of one attachment collide in the kernel instead of making two links.
/// </summary>
public static class HostInterface
{
    /// <summary>What every such name starts with.</summary>
    public const string Prefix = "weft";

    private const int HashDigits = 11;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>15 characters, the most the kernel takes (IFNAMSIZ − 1): the prefix and 44 bits of a hash.</summary>
    public static string NameOf(AttachmentId id)
    {
        var hash = Fnv1a(Encoding.UTF8.GetBytes(id.ToString()));
        return Prefix + (hash >> (64 - (4 * HashDigits))).ToString("x11", CultureInfo.InvariantCulture);
    }

    /// <summary>True for a name <see cref="NameOf"/> could have made.</summary>
    public static bool IsOurs(string name) =>
        name.Length == Prefix.Length + HashDigits
        && name.StartsWith(Prefix, StringComparison.Ordinal)
        && name.AsSpan(Prefix.Length).IndexOfAnyExcept(Digits) < 0;

    /// <summary>
    /// FNV-1a, 64 bits. Container IDs are the runtime's random numbers, so nobody looks for collisions; a
    /// cryptographic hash would need OpenSSL, which the static plugin cannot load.
    /// </summary>
    private static ulong Fnv1a(ReadOnlySpan<byte> bytes)
    {
        const ulong OffsetBasis = 0xcbf29ce484222325;
        const ulong Prime = 0x100000001b3;
        var hash = OffsetBasis;
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * Prime;
        }

        // FNV leaves its top bits poorly mixed for inputs that differ in their last bytes only.
        hash ^= hash >> 32;
        return hash * Prime;
    }
}
