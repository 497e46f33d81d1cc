using System.Buffers;

namespace Weft.Cni;

/// <summary>The spec's rules for names; a complaint names the thing, its value and the rule, null means it is fine.</summary>
internal static class Names
{
    private const int LongestIfName = 15;

    private static readonly SearchValues<char> First = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    );

    private static readonly SearchValues<char> Rest = SearchValues.Create(
        "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    );

    /// <summary>The rule for container IDs and network names.</summary>
    public static string? ComplaintAboutId(string what, string value) =>
        value.Length > 0 && First.Contains(value[0]) && value.AsSpan().IndexOfAnyExcept(Rest) < 0
            ? null
            : $"{what} is \"{value}\": it must start with a letter or digit and go on with letters, digits, '_', '.' or '-'";

    /// <summary>The kernel's rule for interface names (dev_valid_name).</summary>
    public static string? ComplaintAboutIfName(string what, string value)
    {
        var rule =
            value.Length == 0 ? "it must not be empty"
            : System.Text.Encoding.UTF8.GetByteCount(value) > LongestIfName
                ? $"it must have at most {LongestIfName} bytes"
            : value is "." or ".." ? "it must be neither . nor .."
            : HasForbidden(value) ? "it must hold no '/', ':' or white space"
            : null;
        return rule is null ? null : $"{what} is \"{value}\": {rule}";
    }

    private static bool HasForbidden(string value)
    {
        foreach (var c in value)
        {
            if (c is '/' or ':' || char.IsWhiteSpace(c) || char.IsControl(c))
            {
                return true;
            }
        }

        return false;
    }
}
