using Weft.Kubernetes;
using Weft.Metrics;

namespace Weft.Agent.Metrics;

/// <summary>What the agent counts as it happens. docs/metrics.md lists it, beside what <see cref="NodeReadings"/> reads.</summary>
internal sealed class AgentMetrics
{
    private const string Success = "success";
    private const string Error = "error";
    private static readonly double[] Milliseconds =
    [
        0.0005,
        0.001,
        0.0025,
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
    ];

    private readonly Histogram nodeReconciles;
    private readonly Histogram policySyncs;
    private readonly Histogram serviceSyncs;

    public AgentMetrics()
    {
        ProcessMetrics.Register(Registry);
        Client = new ClientMetrics(Registry, "weft_agent");
        Cni = new CniMetrics(Registry, Milliseconds);
        Registry.Gauge(
            "weft_agent_build_info",
            "1, with the agent's version.",
            ["version"],
            () => [new Sample(1, AgentVersion.Text)]
        );
        nodeReconciles = Registry.Histogram(
            "weft_agent_node_reconcile_duration_seconds",
            "Making the node's devices, routes and peers right, by whether it succeeded.",
            Milliseconds,
            "outcome"
        );
        policySyncs = Registry.Histogram(
            "weft_agent_policy_sync_duration_seconds",
            "Putting the network policies as they are into force, by whether it succeeded.",
            Milliseconds,
            "outcome"
        );
        serviceSyncs = Registry.Histogram(
            "weft_agent_service_sync_duration_seconds",
            "Putting the Services as they are into the maps, by whether it succeeded.",
            Milliseconds,
            "outcome"
        );
    }

    /// <summary>All of them.</summary>
    public Registry Registry { get; } = new();

    /// <summary>Those of the agent's client.</summary>
    public ClientMetrics Client { get; }

    /// <summary>Those of CNI calls.</summary>
    public CniMetrics Cni { get; }

    /// <summary>The node was made right, or not.</summary>
    public void NodeReconciled(TimeSpan duration, bool succeeded) =>
        nodeReconciles.Observe(duration, succeeded ? Success : Error);

    /// <summary>Services were put into the maps, or not.</summary>
    public void ServicesSynced(TimeSpan duration, bool succeeded) =>
        serviceSyncs.Observe(duration, succeeded ? Success : Error);

    /// <summary>Policies were put into force, or not.</summary>
    public void PolicySynced(TimeSpan duration, bool succeeded) =>
        policySyncs.Observe(duration, succeeded ? Success : Error);
}
