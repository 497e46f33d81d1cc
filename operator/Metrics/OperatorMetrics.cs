using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Weft.Operator.Metrics;

/// <summary>The operator's counters, and their text for Prometheus (exposition format 0.0.4).</summary>
internal sealed class OperatorMetrics
{
    // Upper bounds in seconds; the promise is one second.
    private static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
    private readonly ConcurrentDictionary<(string Reconciler, string Outcome), long> reconciled = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), (string Help, Func<double> Read)> gauges =
        new();
    private readonly long[] writes = new long[Bounds.Length + 1];
    private readonly Lock gate = new();
    private double writeSeconds;

    /// <summary>A key was worked on: "success", "conflict" or "error".</summary>
    public void Reconciled(string reconciler, string outcome) =>
        reconciled.AddOrUpdate((reconciler, outcome), 1, (_, count) => count + 1);

    /// <summary>Where to read how many keys wait.</summary>
    public void Pending(string reconciler, Func<int> read) =>
        gauges[("weft_operator_reconcile_pending", $"reconciler=\"{reconciler}\"")] = (
            "Keys that wait to be worked on.",
            () => read()
        );

    /// <summary>Where to read a number that goes up and down.</summary>
    public void Gauge(string name, string help, Func<double> read) => gauges[(name, "")] = (help, read);

    /// <summary>An identity was written so long after the change that asked for it arrived.</summary>
    public void IdentityWritten(TimeSpan after)
    {
        var bound = Array.FindIndex(Bounds, bound => after.TotalSeconds <= bound);
        lock (gate)
        {
            writes[bound < 0 ? Bounds.Length : bound]++;
            writeSeconds += after.TotalSeconds;
        }
    }

    /// <summary>All of them.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        Head(text, "weft_operator_reconcile_total", "counter", "Keys worked on, by what became of them.");
        foreach (var ((reconciler, outcome), count) in reconciled.OrderBy(entry => entry.Key))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"weft_operator_reconcile_total{{reconciler=\"{reconciler}\",outcome=\"{outcome}\"}} {count}\n"
            );
        }

        WriteHistogram(text);
        foreach (var metric in gauges.GroupBy(gauge => gauge.Key.Name).OrderBy(metric => metric.Key))
        {
            Head(text, metric.Key, "gauge", metric.First().Value.Help);
            foreach (var ((name, labels), (_, read)) in metric.OrderBy(gauge => gauge.Key.Labels))
            {
                var braced = labels.Length > 0 ? $"{{{labels}}}" : "";
                text.Append(CultureInfo.InvariantCulture, $"{name}{braced} {read()}\n");
            }
        }

        return text.ToString();
    }

    private void WriteHistogram(StringBuilder text)
    {
        const string Name = "weft_operator_identity_write_seconds";
        Head(text, Name, "histogram", "From the arrival of a change to the identity that was written for it.");
        lock (gate)
        {
            var below = 0L;
            for (var i = 0; i < Bounds.Length; i++)
            {
                below += writes[i];
                text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{le=\"{Bounds[i]}\"}} {below}\n");
            }

            below += writes[^1];
            text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{le=\"+Inf\"}} {below}\n");
            text.Append(CultureInfo.InvariantCulture, $"{Name}_sum {writeSeconds}\n{Name}_count {below}\n");
        }
    }

    private static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
}
