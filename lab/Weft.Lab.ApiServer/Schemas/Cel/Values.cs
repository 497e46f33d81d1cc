using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Schemas.Cel;

/// <summary>A list; one that is a set, or has keys, is equal to another in any order.</summary>
internal sealed class CelList(IEnumerable<object?> elements, bool unordered = false) : List<object?>(elements)
{
    public bool Unordered { get; } = unordered;
}

/// <summary>A map or an object.</summary>
internal sealed class CelMap : Dictionary<object, object?>;

/// <summary>A value that may be missing.</summary>
internal sealed record Optional(bool HasValue, object? Value);

/// <summary>An address with the length of its network's prefix.</summary>
internal sealed record Cidr(IPAddress Address, IPNetwork Network);

/// <summary>
/// The values expressions work on: bool, long, double, string, DateTimeOffset, TimeSpan, IPAddress, <see cref="Cidr"/>,
/// <see cref="CelList"/>, <see cref="CelMap"/>, <see cref="Optional"/> and null.
/// </summary>
internal static class Values
{
    public static object? Of(JsonNode? node, KindSchema? schema) =>
        node switch
        {
            null => null,
            JsonObject o => Map(o, schema),
            JsonArray a => new CelList(a.Select(element => Of(element, schema?.Items)), schema is not null && schema.ListType != ListType.Atomic),
            _ => node.GetValueKind() switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Number => schema?.Type != "number" && node.Integer() is { } whole ? whole : node.Number(),
                _ => Text(node.Text()!, schema?.Format),
            },
        };

    private static CelMap Map(JsonObject members, KindSchema? schema)
    {
        var map = new CelMap();
        foreach (var (name, member) in members)
        {
            map[name] = Of(member, schema?.Member(name));
        }
        return map;
    }

    private static object Text(string text, string? format) =>
        format switch
        {
            "date-time" or "date" when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
            "duration" when Duration(text) is { } duration => duration,
            _ => text,
        };

    /// <summary>A duration such as 1h30m; null for other text.</summary>
    public static TimeSpan? Duration(string text)
    {
        var sign = text.StartsWith('-') ? -1 : 1;
        var rest = text.TrimStart('-', '+');
        var total = 0.0;
        var i = 0;
        while (i < rest.Length)
        {
            var start = i;
            while (i < rest.Length && (char.IsAsciiDigit(rest[i]) || rest[i] == '.'))
            {
                i++;
            }
            var unit = i;
            while (i < rest.Length && !(char.IsAsciiDigit(rest[i]) || rest[i] == '.'))
            {
                i++;
            }
            double? seconds = rest[unit..i] switch
            {
                "ns" => 1e-9,
                "us" or "µs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1,
                "m" => 60,
                "h" => 3600,
                _ => null,
            };
            if (seconds is null || !double.TryParse(rest[start..unit], NumberStyles.Float, CultureInfo.InvariantCulture, out var count))
            {
                return null;
            }
            total += count * seconds.Value;
        }
        return rest.Length > 0 ? TimeSpan.FromSeconds(sign * total) : null;
    }

    public static new bool Equals(object? a, object? b) =>
        (a, b) switch
        {
            (null, null) => true,
            (null, _) or (_, null) => false,
            (long x, double y) => x == y,
            (double x, long y) => x == y,
            (CelList x, CelList y) => x.Count == y.Count && (x.Unordered && y.Unordered ? x.All(e => y.Any(f => Equals(e, f))) : x.Zip(y).All(p => Equals(p.First, p.Second))),
            (CelMap x, CelMap y) => x.Count == y.Count && x.All(m => y.TryGetValue(m.Key, out var other) && Equals(m.Value, other)),
            (Optional x, Optional y) => x.HasValue == y.HasValue && Equals(x.Value, y.Value),
            _ => a.Equals(b),
        };

    /// <summary>Throws for values that have no order between them.</summary>
    public static int Compare(object? a, object? b) =>
        (a, b) switch
        {
            (long x, long y) => x.CompareTo(y),
            (double x, double y) => x.CompareTo(y),
            (long x, double y) => ((double)x).CompareTo(y),
            (double x, long y) => x.CompareTo((double)y),
            (string x, string y) => string.CompareOrdinal(x, y),
            (bool x, bool y) => x.CompareTo(y),
            (DateTimeOffset x, DateTimeOffset y) => x.CompareTo(y),
            (TimeSpan x, TimeSpan y) => x.CompareTo(y),
            _ => throw new CelException("no such overload"),
        };

    public static string Print(object? value) =>
        value switch
        {
            null => "null",
            bool flag => flag ? "true" : "false",
            double real => real.ToString("R", CultureInfo.InvariantCulture),
            long whole => whole.ToString(CultureInfo.InvariantCulture),
            DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
            TimeSpan duration => $"{duration.TotalSeconds.ToString("R", CultureInfo.InvariantCulture)}s",
            Cidr cidr => $"{cidr.Address}/{cidr.Network.PrefixLength}",
            CelList list => $"[{string.Join(", ", list.Select(Print))}]",
            CelMap map => $"{{{string.Join(", ", map.Select(m => $"{Print(m.Key)}: {Print(m.Value)}"))}}}",
            _ => value.ToString() ?? "",
        };
}
