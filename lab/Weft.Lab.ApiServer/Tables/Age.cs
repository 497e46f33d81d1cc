using System.Globalization;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Tables;

/// <summary>How long ago something was, with at most two units, as kubectl users know it.</summary>
internal static class Age
{
    /// <summary>Of a timestamp in a document.</summary>
    public static string Of(JsonNode? timestamp, DateTimeOffset now) =>
        Parse(timestamp) is { } time ? Print(now - time) : "<unknown>";

    /// <summary>The time; null when there is none.</summary>
    public static DateTimeOffset? Parse(JsonNode? timestamp) =>
        DateTimeOffset.TryParse(
            timestamp.Text(),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time
            : null;

    public static string Print(TimeSpan age)
    {
        var seconds = (long)age.TotalSeconds;
        long minutes = seconds / 60,
            hours = seconds / 3600,
            days = hours / 24,
            years = days / 365;
        return (seconds, minutes, hours, days, years) switch
        {
            (< -1, _, _, _, _) => "<invalid>",
            (< 0, _, _, _, _) => "0s",
            (< 120, _, _, _, _) => $"{seconds}s",
            (_, < 10, _, _, _) => Two(minutes, "m", seconds % 60, "s"),
            (_, < 180, _, _, _) => $"{minutes}m",
            (_, _, < 8, _, _) => Two(hours, "h", minutes % 60, "m"),
            (_, _, < 48, _, _) => $"{hours}h",
            (_, _, _, < 8, _) => Two(days, "d", hours % 24, "h"),
            (_, _, _, _, < 2) => $"{days}d",
            (_, _, _, _, < 8) => Two(years, "y", days % 365, "d"),
            _ => $"{years}y",
        };
    }

    private static string Two(long large, string unit, long small, string smallUnit) =>
        small == 0 ? $"{large}{unit}" : $"{large}{unit}{small}{smallUnit}";
}
