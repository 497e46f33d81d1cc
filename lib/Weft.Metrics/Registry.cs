using System.Text;
using System.Text.RegularExpressions;

namespace Weft.Metrics;

/// <summary>All metrics of a process.</summary>
public sealed partial class Registry
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, MetricFamily> families = new(StringComparer.Ordinal);

    /// <summary>All metrics, by name.</summary>
    public IReadOnlyList<MetricFamily> Families
    {
        get
        {
            lock (gate)
            {
                return [.. families.Values];
            }
        }
    }

    /// <summary>A counter that is told.</summary>
    public Counter Counter(string name, string help, params string[] labels)
    {
        var counter = new Counter(name, labels);
        Add(new MetricFamily(name, MetricType.Counter, help, labels, counter.Write));
        return counter;
    }

    /// <summary>A counter that somebody else keeps.</summary>
    public void Counter(string name, string help, string[] labels, Func<IEnumerable<Sample>> read) =>
        Add(Read(name, MetricType.Counter, help, labels, read));

    /// <summary>A number that is read.</summary>
    public void Gauge(string name, string help, Func<double> read) => Gauge(name, help, [], () => [new Sample(read())]);

    /// <summary>Numbers that are read.</summary>
    public void Gauge(string name, string help, string[] labels, Func<IEnumerable<Sample>> read) =>
        Add(Read(name, MetricType.Gauge, help, labels, read));

    /// <summary>Durations, by upper bounds in seconds.</summary>
    public Histogram Histogram(string name, string help, double[] bounds, params string[] labels)
    {
        var histogram = new Histogram(name, bounds, labels);
        Add(new MetricFamily(name, MetricType.Histogram, help, labels, histogram.Write));
        return histogram;
    }

    /// <summary>All of them as they are now, for Prometheus.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        foreach (var family in Families)
        {
            Exposition.Head(text, family);
            family.Write(text);
        }

        return text.ToString();
    }

    private static MetricFamily Read(
        string name,
        MetricType type,
        string help,
        string[] labels,
        Func<IEnumerable<Sample>> read
    ) =>
        new(
            name,
            type,
            help,
            labels,
            text =>
            {
                foreach (var sample in read())
                {
                    Exposition.Line(text, name, Exposition.Labels(labels, sample.Labels ?? []), sample.Value);
                }
            }
        );

    private void Add(MetricFamily family)
    {
        if (
            !Name().IsMatch(family.Name)
            || family.Labels.Any(label => label == "le" || !Name().IsMatch(label))
            || family.Type == MetricType.Counter != family.Name.EndsWith("_total", StringComparison.Ordinal)
        )
        {
            throw new ArgumentException($"{family.Name} is no name of a {family.Type} with its labels");
        }

        lock (gate)
        {
            families.Add(family.Name, family);
        }
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]*$")]
    private static partial Regex Name();
}
