using System.Text;

namespace Weft.Metrics;

/// <summary>Counts durations, in seconds, by their upper bounds. Safe for several threads.</summary>
public sealed class Histogram
{
    private readonly string name;
    private readonly double[] bounds;
    private readonly Series<Cell> series;

    internal Histogram(string name, double[] bounds, IReadOnlyList<string> labels)
    {
        (this.name, this.bounds) = (name, bounds);
        series = new Series<Cell>(labels);
        if (labels.Count == 0)
        {
            series.Of([]);
        }
    }

    /// <summary>It took so long.</summary>
    public void Observe(TimeSpan duration, params string[] labels)
    {
        var bound = Array.FindIndex(bounds, bound => duration.TotalSeconds <= bound);
        var cell = series.Of(labels);
        lock (cell)
        {
            cell.Buckets(bounds.Length + 1)[bound < 0 ? bounds.Length : bound]++;
            cell.Seconds += duration.TotalSeconds;
        }
    }

    internal void Write(StringBuilder text)
    {
        foreach (var (labels, cell) in series.All)
        {
            lock (cell)
            {
                var counts = cell.Buckets(bounds.Length + 1);
                var below = 0L;
                for (var i = 0; i <= bounds.Length; i++)
                {
                    below += counts[i];
                    var bound = Exposition.Number(i < bounds.Length ? bounds[i] : double.PositiveInfinity);
                    Exposition.Line(text, $"{name}_bucket", Exposition.With(labels, "le", bound), below);
                }

                Exposition.Line(text, $"{name}_sum", labels, cell.Seconds);
                Exposition.Line(text, $"{name}_count", labels, below);
            }
        }
    }

    private sealed class Cell
    {
        private long[]? counts;

        public double Seconds { get; set; }

        public long[] Buckets(int buckets) => counts ??= new long[buckets];
    }
}
