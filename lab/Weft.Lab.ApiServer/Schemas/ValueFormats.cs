using System.Globalization;
using System.Text.RegularExpressions;
using Weft.Lab.ApiServer.Defaults;

namespace Weft.Lab.ApiServer.Schemas;

/// <summary>The formats of strings that a definition's schema can name; any other name holds for every string.</summary>
internal static partial class ValueFormats
{
    public static bool Holds(string format, string value) =>
        format switch
        {
            "date-time" => DateTimeForm().IsMatch(value) && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
            "date" => DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "duration" => DurationForm().IsMatch(value),
            "ipv4" => Formats.ParseIp(value)?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork,
            "ipv6" => Formats.ParseIp(value)?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6,
            "cidr" => Formats.ParseCidr(value) is not null,
            "mac" => MacForm().IsMatch(value),
            "uuid" or "uuid3" or "uuid4" or "uuid5" => Guid.TryParse(value, out _),
            "byte" => Convert.TryFromBase64String(value, new byte[value.Length], out _),
            "uri" => Uri.TryCreate(value, UriKind.Absolute, out _),
            "hostname" => value.Length <= 253 && HostForm().IsMatch(value),
            "email" => value.Split('@') is [{ Length: > 0 }, { Length: > 0 }],
            "k8s-short-name" => !Formats.DnsLabel(value).Any(),
            "k8s-long-name" => !Formats.DnsSubdomain(value).Any(),
            _ => true,
        };

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\z")]
    private static partial Regex DateTimeForm();

    [GeneratedRegex(@"^[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h|d|w))+\z")]
    private static partial Regex DurationForm();

    [GeneratedRegex(@"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\z")]
    private static partial Regex MacForm();

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*\z")]
    private static partial Regex HostForm();
}
