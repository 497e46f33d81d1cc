using System.Text;

namespace Weft.Metrics;

/// <summary>One metric: a name, and a series for each combination of its labels' values.</summary>
/// <param name="Name">Its name, with the unit and, for counters, `_total` at the end.</param>
/// <param name="Type">What its numbers mean.</param>
/// <param name="Help">One sentence for people.</param>
/// <param name="Labels">Names of its labels, in the order of their values.</param>
/// <param name="Write">Appends the series as they are now.</param>
public sealed record MetricFamily(
    string Name,
    MetricType Type,
    string Help,
    IReadOnlyList<string> Labels,
    Action<StringBuilder> Write
);
