using System.Globalization;
using System.Text.RegularExpressions;

namespace Weft.Tests.Metrics;

/// <summary>
/// A strict reader of Prometheus' text format 0.0.4: a metric's lines stand together under its HELP and TYPE, each
/// series is there once, and a histogram's buckets only grow and end with its count.
/// </summary>
internal sealed partial class ExpositionText
{
    private readonly Dictionary<string, double> series = [];
    private readonly Dictionary<string, string> types = [];
    private string family = "";

    private ExpositionText(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            Read(line);
        }

        foreach (var (name, _) in types.Where(type => type.Value == "histogram"))
        {
            CheckHistogram(name);
        }
    }

    /// <summary>Types by metric.</summary>
    public IReadOnlyDictionary<string, string> Types => types;

    public static ExpositionText Parse(string text) => new(text);

    /// <summary>The value of a series, written as it stands in the text.</summary>
    public double this[string name] => series[name];

    /// <summary>Series of a metric, with their labels.</summary>
    public IEnumerable<string> SeriesOf(string metric) =>
        series.Keys.Where(name => name == metric || name.StartsWith(metric + "{", StringComparison.Ordinal));

    private void Read(string line)
    {
        if (Help().Match(line) is { Success: true } help)
        {
            family = help.Groups[1].Value;
            return;
        }

        if (Type().Match(line) is { Success: true } type)
        {
            Assert.Equal(family, type.Groups[1].Value);
            types.Add(family, type.Groups[2].Value);
            return;
        }

        var sample = Sample().Match(line);
        Assert.True(sample.Success, $"no line of the format: {line}");
        var name = sample.Groups["name"].Value;
        Assert.True(
            name == family || (types[family] == "histogram" && Part().Replace(name, "") == family),
            $"{name} stands under {family}"
        );
        series.Add(
            name + sample.Groups["labels"].Value,
            sample.Groups["value"].Value == "+Inf"
                ? double.PositiveInfinity
                : double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture)
        );
    }

    private void CheckHistogram(string name)
    {
        foreach (var buckets in SeriesOf($"{name}_bucket").GroupBy(bucket => Bound().Replace(bucket, "")))
        {
            var counts = buckets.Select(bucket => series[bucket]).ToList();
            Assert.Equal(counts.Order(), counts);
            Assert.Contains("le=\"+Inf\"", buckets.Last(), StringComparison.Ordinal);
            var count = buckets
                .Key.Replace("_bucket", "_count", StringComparison.Ordinal)
                .Replace("{}", "", StringComparison.Ordinal);
            Assert.Equal(series[count], counts[^1]);
        }
    }

    [GeneratedRegex("^# HELP ([a-z_][a-z0-9_]*) \\S.*$")]
    private static partial Regex Help();

    [GeneratedRegex("^# TYPE ([a-z_][a-z0-9_]*) (counter|gauge|histogram)$")]
    private static partial Regex Type();

    [GeneratedRegex(
        """^(?<name>[a-z_][a-z0-9_]*)(?<labels>\{[a-z_]+="([^"\\]|\\["\\n])*"(,[a-z_]+="([^"\\]|\\["\\n])*")*\})? (?<value>\+Inf|-?[0-9.E+-]+)$"""
    )]
    private static partial Regex Sample();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Part();

    [GeneratedRegex(
        """
            ,?le="[^"]*"
            """
    )]
    private static partial Regex Bound();
}
