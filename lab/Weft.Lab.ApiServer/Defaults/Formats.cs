using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Weft.Lab.ApiServer.Defaults;

/// <summary>What is wrong with a text that has to be of a form: nothing, or sentences in the words of the real server.</summary>
internal static partial class Formats
{
    private const string Label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string Subdomain = Label + @"(\." + Label + ")*";
    private const string Name = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

    /// <summary>A label of RFC 1123.</summary>
    public static IEnumerable<string> DnsLabel(string value)
    {
        if (value.Length > 63)
        {
            yield return TooLong(63);
        }
        if (!LabelForm().IsMatch(value))
        {
            yield return SubdomainForm().IsMatch(value)
                ? "must not contain dots"
                : Form(
                    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
                    Label,
                    "my-name",
                    "123-abc"
                );
        }
    }

    /// <summary>Labels of RFC 1123 with dots between.</summary>
    public static IEnumerable<string> DnsSubdomain(string value)
    {
        if (value.Length > 253)
        {
            yield return TooLong(253);
        }
        if (!SubdomainForm().IsMatch(value))
        {
            yield return Form(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
                Subdomain,
                "example.com"
            );
        }
    }

    /// <summary>A label of RFC 1035, which starts with a letter.</summary>
    public static IEnumerable<string> Dns1035Label(string value)
    {
        if (value.Length > 63)
        {
            yield return TooLong(63);
        }
        if (!Label1035Form().IsMatch(value))
        {
            yield return Form(
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
                "[a-z]([-a-z0-9]*[a-z0-9])?",
                "my-name",
                "abc-123"
            );
        }
    }

    /// <summary>The key of a label or an annotation, or another name with an optional domain in front.</summary>
    public static IEnumerable<string> QualifiedName(string value)
    {
        const string Text =
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
        var parts = value.Split('/');
        if (parts.Length > 2)
        {
            yield return "a valid label key "
                + Form(Text, Name, "MyName", "my.name", "123-abc")
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            yield break;
        }
        if (parts.Length == 2)
        {
            foreach (var problem in parts[0].Length == 0 ? ["must be non-empty"] : DnsSubdomain(parts[0]))
            {
                yield return "prefix part " + problem;
            }
        }
        var name = parts[^1];
        if (name.Length == 0)
        {
            yield return "name part must be non-empty";
        }
        else if (name.Length > 63)
        {
            yield return "name part " + TooLong(63);
        }
        if (!NameForm().IsMatch(name))
        {
            yield return "name part " + Form(Text, Name, "MyName", "my.name", "123-abc");
        }
    }

    /// <summary>The value of a label.</summary>
    public static IEnumerable<string> LabelValue(string value)
    {
        if (value.Length > 63)
        {
            yield return TooLong(63);
        }
        if (value.Length > 0 && !NameForm().IsMatch(value))
        {
            yield return Form(
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                $"({Name})?",
                "MyValue",
                "my_value",
                "12345"
            );
        }
    }

    /// <summary>A key of a ConfigMap or Secret.</summary>
    public static IEnumerable<string> ConfigKey(string value)
    {
        if (value.Length > 253)
        {
            yield return "must be no more than 253 characters";
        }
        if (!ConfigKeyForm().IsMatch(value))
        {
            yield return Form(
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                "[-._a-zA-Z0-9]+",
                "key.name",
                "KEY_NAME",
                "key-name"
            );
        }
        if (value is "." or "..")
        {
            yield return $"must not be '{value}'";
        }
        else if (value.StartsWith("..", StringComparison.Ordinal))
        {
            yield return "must not start with '..'";
        }
    }

    /// <summary>The number of a port.</summary>
    public static IEnumerable<string> PortNumber(long value) =>
        value is >= 1 and <= 65535 ? [] : ["must be between 1 and 65535, inclusive"];

    /// <summary>The name of a port (RFC 6335).</summary>
    public static IEnumerable<string> PortName(string value)
    {
        if (value.Length > 15)
        {
            yield return "must be no more than 15 characters";
        }
        if (!value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') || value.Length == 0)
        {
            yield return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        }
        if (!value.Any(char.IsAsciiLetterLower))
        {
            yield return "must contain at least one letter (a-z)";
        }
        if (value.Contains("--", StringComparison.Ordinal))
        {
            yield return "must not contain consecutive hyphens";
        }
        if (value.StartsWith('-') || value.EndsWith('-'))
        {
            yield return "must not begin or end with a hyphen";
        }
    }

    /// <summary>An IP address.</summary>
    public static IEnumerable<string> Ip(string value)
    {
        if (ParseIp(value) is not { } ip)
        {
            yield return "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        }
        else if (HasLeadingZero(value))
        {
            yield return "must not have leading 0s";
        }
        else if (ip.IsIPv4MappedToIPv6)
        {
            yield return "must not be an IPv4-mapped IPv6 address";
        }
    }

    /// <summary>A prefix, with no bits behind its length.</summary>
    public static IEnumerable<string> Cidr(string value)
    {
        if (ParseCidr(value) is not { } prefix)
        {
            yield return "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
        }
        else if (
            HasLeadingZero(value[..value.IndexOf('/', StringComparison.Ordinal)])
            || value.Contains("/0", StringComparison.Ordinal) && !value.EndsWith("/0", StringComparison.Ordinal)
        )
        {
            yield return "must not have leading 0s in IP or prefix length";
        }
        else if (prefix.Address.IsIPv4MappedToIPv6)
        {
            yield return "must not have an IPv4-mapped IPv6 address";
        }
        else if (!prefix.Network.BaseAddress.Equals(prefix.Address))
        {
            yield return "must not have bits set beyond the prefix length";
        }
    }

    /// <summary>The address, also with leading zeros (which are decimal), never with a zone or in a short form.</summary>
    public static IPAddress? ParseIp(string value)
    {
        if (value.Contains(':', StringComparison.Ordinal))
        {
            return value.AsSpan().IndexOfAny("%[]/") < 0 && IPAddress.TryParse(value, out var v6) ? v6 : null;
        }
        var parts = value.Split('.');
        var bytes = new byte[4];
        for (var i = 0; i < 4; i++)
        {
            if (
                parts.Length != 4
                || parts[i].Length == 0
                || !parts[i].All(char.IsAsciiDigit)
                || !byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i])
            )
            {
                return null;
            }
        }
        return new IPAddress(bytes);
    }

    /// <summary>The address as written, and the network it is in.</summary>
    public static (IPAddress Address, IPNetwork Network)? ParseCidr(string value)
    {
        if (
            value.Split('/') is not [var address, var length]
            || ParseIp(address) is not { } ip
            || length.Length is 0 or > 3
            || !length.All(char.IsAsciiDigit)
            || int.Parse(length, CultureInfo.InvariantCulture) is var bits
                && bits > (ip.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
        )
        {
            return null;
        }
        var masked = ip.GetAddressBytes();
        for (var i = 0; i < masked.Length; i++)
        {
            var kept = Math.Clamp(bits - 8 * i, 0, 8);
            masked[i] &= (byte)(0xff << (8 - kept));
        }
        return (ip, new IPNetwork(new IPAddress(masked), bits));
    }

    /// <summary>A form that was not held: what it is, examples and the regular expression.</summary>
    private static string Form(string text, string regex, params string[] examples) =>
        $"{text} (e.g. {string.Join(" or ", examples.Select(e => $"'{e}', "))}regex used for validation is '{regex}')";

    private static string TooLong(int max) => $"must be no more than {max} bytes";

    private static bool HasLeadingZero(string ip) =>
        !ip.Contains(':', StringComparison.Ordinal) && ip.Split('.').Any(part => part.Length > 1 && part[0] == '0');

    [GeneratedRegex("^" + Label + @"\z")]
    private static partial Regex LabelForm();

    [GeneratedRegex("^" + Subdomain + @"\z")]
    private static partial Regex SubdomainForm();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label1035Form();

    [GeneratedRegex("^" + Name + @"\z")]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex ConfigKeyForm();
}
