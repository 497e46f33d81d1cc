using System.Text;

namespace Weft.Metrics;

/// <summary>Counts what happens. Safe for several threads.</summary>
public sealed class Counter
{
    private readonly string name;
    private readonly Series<Cell> series;

    internal Counter(string name, IReadOnlyList<string> labels)
    {
        this.name = name;
        series = new Series<Cell>(labels);
        if (labels.Count == 0)
        {
            series.Of([]);
        }
    }

    /// <summary>It happened once more.</summary>
    public void Increment(params string[] labels) => Interlocked.Increment(ref series.Of(labels).Count);

    /// <summary>Makes the series begin at 0: a rate over a series that appears with a 1 misses that one.</summary>
    public void Begin(params string[] labels) => series.Of(labels);

    internal void Write(StringBuilder text)
    {
        foreach (var (labels, cell) in series.All)
        {
            Exposition.Line(text, name, labels, Interlocked.Read(ref cell.Count));
        }
    }

    private sealed class Cell
    {
        public long Count;
    }
}
