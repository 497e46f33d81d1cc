using System.Text.RegularExpressions;

namespace Weft.Policy.Checks;

/// <summary>The forms that the API server demands of texts in a NetworkPolicy; each check returns the demand, or null.</summary>
internal static partial class Forms
{
    private const int LongestLabel = 63;
    private const int LongestName = 253;
    private const int LongestPortName = 15;

    /// <summary>An object's name: a DNS subdomain (RFC 1123).</summary>
    public static string? ObjectName(string name) =>
        name.Length <= LongestName && Subdomain().IsMatch(name)
            ? null
            : $"\"{name}\" must be at most {LongestName} lower case letters, digits, '-' and '.', with a letter or digit at both ends";

    /// <summary>The key of a label: a name, perhaps behind a DNS subdomain and '/'.</summary>
    public static string? LabelKey(string key)
    {
        var slash = key.IndexOf('/');
        return (slash < 0 || ObjectName(key[..slash]) is null) && IsLabelText(key[(slash + 1)..])
            ? null
            : $"\"{key}\" is no key of a label: at most {LongestLabel} letters, digits, '-', '_' and '.', perhaps behind a domain and '/'";
    }

    /// <summary>The value of a label.</summary>
    public static string? LabelValue(string? value) =>
        value is "" || (value is not null && IsLabelText(value))
            ? null
            : $"\"{value}\" can be no label's value: at most {LongestLabel} letters, digits, '-', '_' and '.', with a letter or digit at both ends";

    /// <summary>The name of a port: IANA_SVC_NAME (RFC 6335 §5.1), in lower case.</summary>
    public static string? PortName(string name) =>
        name.Length <= LongestPortName && Service().IsMatch(name) && name.Any(char.IsAsciiLetter)
            ? null
            : $"\"{name}\" can be no port's name: at most {LongestPortName} lower case letters, digits and single '-' between them, with at least one letter";

    private static bool IsLabelText(string text) => text.Length <= LongestLabel && LabelText().IsMatch(text);

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z")]
    private static partial Regex LabelText();

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex Service();
}
