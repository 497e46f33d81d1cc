namespace Weft.Kubernetes.Objects;

/// <summary>apps/v1 DaemonSet.</summary>
public sealed record DaemonSet : KubernetesObject
{
    /// <summary>Desired state.</summary>
    public DaemonSetSpec? Spec { get; init; }

    /// <summary>State.</summary>
    public DaemonSetStatus? Status { get; init; }
}

/// <summary>Desired state of a daemon set.</summary>
public sealed record DaemonSetSpec
{
    /// <summary>Its pods.</summary>
    public LabelSelector? Selector { get; init; }

    /// <summary>What its pods are like.</summary>
    public PodTemplateSpec? Template { get; init; }

    /// <summary>How pods are replaced.</summary>
    public DaemonSetUpdateStrategy? UpdateStrategy { get; init; }

    /// <summary>How long ready means available.</summary>
    public int? MinReadySeconds { get; init; }

    /// <summary>10 by default.</summary>
    public int? RevisionHistoryLimit { get; init; }
}

/// <summary>apps/v1 DaemonSetUpdateStrategy.</summary>
public sealed record DaemonSetUpdateStrategy
{
    /// <summary>RollingUpdate (default) or OnDelete.</summary>
    public string? Type { get; init; }

    /// <summary>How many at once.</summary>
    public RollingUpdate? RollingUpdate { get; init; }
}

/// <summary>State of a daemon set.</summary>
public sealed record DaemonSetStatus
{
    /// <summary>Nodes with a pod that should have one.</summary>
    public int CurrentNumberScheduled { get; init; }

    /// <summary>Nodes with a pod that should have none.</summary>
    public int NumberMisscheduled { get; init; }

    /// <summary>Nodes that should have a pod.</summary>
    public int DesiredNumberScheduled { get; init; }

    /// <summary>Nodes with a ready pod.</summary>
    public int NumberReady { get; init; }

    /// <summary>Generation this state is of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Nodes with a pod of the newest template.</summary>
    public int? UpdatedNumberScheduled { get; init; }

    /// <summary>Nodes with an available pod.</summary>
    public int? NumberAvailable { get; init; }

    /// <summary>Nodes without.</summary>
    public int? NumberUnavailable { get; init; }

    /// <summary>Counts collisions of the template's hash.</summary>
    public int? CollisionCount { get; init; }

    /// <summary>Conditions.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}
