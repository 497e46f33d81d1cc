using System.Globalization;
using System.Text;

namespace Weft.Metrics;

/// <summary>The text that Prometheus reads: exposition format 0.0.4.</summary>
internal static class Exposition
{
    /// <summary>Media type of the text.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>What stands above a metric's lines.</summary>
    public static void Head(StringBuilder text, MetricFamily family)
    {
        var help = family
            .Help.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        var type = family.Type switch
        {
            MetricType.Counter => "counter",
            MetricType.Gauge => "gauge",
            _ => "histogram",
        };
        text.Append(CultureInfo.InvariantCulture, $"# HELP {family.Name} {help}\n# TYPE {family.Name} {type}\n");
    }

    /// <summary>One series.</summary>
    public static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>Names and values, as they stand between braces.</summary>
    public static string Labels(IReadOnlyList<string> names, string[] values)
    {
        if (names.Count != values.Length)
        {
            throw new ArgumentException($"{values.Length} values for the labels {string.Join(", ", names)}");
        }

        return string.Join(',', names.Zip(values, (name, value) => $"{name}=\"{Escaped(value)}\""));
    }

    /// <summary>One label more.</summary>
    public static string With(string labels, string name, string value) =>
        labels.Length == 0 ? $"{name}=\"{value}\"" : $"{labels},{name}=\"{value}\"";

    /// <summary>As Go's ParseFloat reads it.</summary>
    public static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString(CultureInfo.InvariantCulture);

    private static string Escaped(string value) =>
        value
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
