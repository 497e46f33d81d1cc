namespace Weft.Kubernetes.Objects;

/// <summary>apps/v1 ReplicaSet.</summary>
public sealed record ReplicaSet : KubernetesObject
{
    /// <summary>Desired state.</summary>
    public ReplicaSetSpec? Spec { get; init; }

    /// <summary>State.</summary>
    public ReplicaSetStatus? Status { get; init; }
}

/// <summary>Desired state of a replica set.</summary>
public sealed record ReplicaSetSpec
{
    /// <summary>1 by default.</summary>
    public int? Replicas { get; init; }

    /// <summary>How long ready means available.</summary>
    public int? MinReadySeconds { get; init; }

    /// <summary>Its pods.</summary>
    public LabelSelector? Selector { get; init; }

    /// <summary>What its pods are like.</summary>
    public PodTemplateSpec? Template { get; init; }
}

/// <summary>State of a replica set.</summary>
public sealed record ReplicaSetStatus
{
    /// <summary>Pods.</summary>
    public int? Replicas { get; init; }

    /// <summary>Pods with the template's labels.</summary>
    public int? FullyLabeledReplicas { get; init; }

    /// <summary>Ready pods.</summary>
    public int? ReadyReplicas { get; init; }

    /// <summary>Available pods.</summary>
    public int? AvailableReplicas { get; init; }

    /// <summary>Generation this state is of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>ReplicaFailure.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}
