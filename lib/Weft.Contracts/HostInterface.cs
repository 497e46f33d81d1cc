using System.Buffers;
using System.Security.Cryptography;
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

    /// <summary>15 characters, the most the kernel takes (IFNAMSIZ − 1): the prefix and 44 bits of SHA-256.</summary>
    public static string NameOf(AttachmentId id)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(id.ToString()));
        return Prefix + Convert.ToHexStringLower(hash)[..HashDigits];
    }

    /// <summary>True for a name <see cref="NameOf"/> could have made.</summary>
    public static bool IsOurs(string name) =>
        name.Length == Prefix.Length + HashDigits
        && name.StartsWith(Prefix, StringComparison.Ordinal)
        && name.AsSpan(Prefix.Length).IndexOfAnyExcept(Digits) < 0;
}
