using System.Collections.Concurrent;
using Weft.Kubernetes;
using Weft.Metrics;

namespace Weft.Operator.Metrics;

/// <summary>The operator's metrics. docs/metrics.md lists them.</summary>
internal sealed class OperatorMetrics
{
    // Upper bounds in seconds; the promise is one second.
    private static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
    private readonly Counter reconciled;
    private readonly Histogram writes;
    private readonly ConcurrentDictionary<string, Func<int>> pending = new();

    public OperatorMetrics()
    {
        ProcessMetrics.Register(Registry);
        Client = new ClientMetrics(Registry, "weft_operator");
        Registry.Gauge(
            "weft_operator_build_info",
            "1, with the operator's version.",
            ["version"],
            () => [new Sample(1, OperatorVersion.Text)]
        );
        reconciled = Registry.Counter(
            "weft_operator_reconcile_total",
            "Keys worked on, by what became of them.",
            "reconciler",
            "outcome"
        );
        writes = Registry.Histogram(
            "weft_operator_identity_write_seconds",
            "From the arrival of a change to the identity that was written for it.",
            Bounds
        );
        Registry.Gauge(
            "weft_operator_reconcile_pending",
            "Keys that wait to be worked on.",
            ["reconciler"],
            () => pending.OrderBy(queue => queue.Key).Select(queue => new Sample(queue.Value(), queue.Key))
        );
    }

    /// <summary>All of them.</summary>
    public Registry Registry { get; } = new();

    /// <summary>Those of the operator's client.</summary>
    public ClientMetrics Client { get; }

    /// <summary>A key was worked on: "success", "conflict" or "error".</summary>
    public void Reconciled(string reconciler, string outcome) => reconciled.Increment(reconciler, outcome);

    /// <summary>Where to read how many keys wait.</summary>
    public void Pending(string reconciler, Func<int> read) => pending[reconciler] = read;

    /// <summary>Where to read whether this operator has the Lease.</summary>
    public void Leads(Func<bool> read) =>
        Gauge("weft_operator_leader", "1 while this operator has the Lease.", () => read() ? 1 : 0);

    /// <summary>Where to read a number that goes up and down.</summary>
    public void Gauge(string name, string help, Func<double> read) => Registry.Gauge(name, help, read);

    /// <summary>An identity was written so long after the change that asked for it arrived.</summary>
    public void IdentityWritten(TimeSpan after) => writes.Observe(after);
}
