using System.Collections.Concurrent;

namespace Weft.Metrics;

/// <summary>
/// The series of one metric by their labels. Each costs memory here and in every Prometheus that asks, so there is a
/// bound: what comes after the last one is counted under "other".
/// </summary>
internal sealed class Series<T>(IReadOnlyList<string> names)
    where T : new()
{
    internal const int Most = 512;
    private const string Other = "other";
    private readonly ConcurrentDictionary<string, T> byLabels = new();

    /// <summary>All there are, by their labels as text.</summary>
    public IEnumerable<(string Labels, T Series)> All =>
        byLabels.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value));

    /// <summary>The series of these values, made if there is none.</summary>
    public T Of(string[] values)
    {
        var labels = Exposition.Labels(names, values);
        if (byLabels.TryGetValue(labels, out var known))
        {
            return known;
        }

        return byLabels.Count < Most
            ? byLabels.GetOrAdd(labels, _ => new T())
            : byLabels.GetOrAdd(
                Exposition.Labels(names, [.. Enumerable.Repeat(Other, names.Count)]),
                static _ => new T()
            );
    }
}
