using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>apps/v1 Deployment.</summary>
public sealed record Deployment : KubernetesObject
{
    /// <summary>Desired state.</summary>
    public DeploymentSpec? Spec { get; init; }

    /// <summary>State.</summary>
    public DeploymentStatus? Status { get; init; }
}

/// <summary>Desired state of a deployment.</summary>
public sealed record DeploymentSpec
{
    /// <summary>1 by default.</summary>
    public int? Replicas { get; init; }

    /// <summary>Its pods.</summary>
    public LabelSelector? Selector { get; init; }

    /// <summary>What its pods are like.</summary>
    public PodTemplateSpec? Template { get; init; }

    /// <summary>How pods are replaced.</summary>
    public DeploymentStrategy? Strategy { get; init; }

    /// <summary>How long ready means available.</summary>
    public int? MinReadySeconds { get; init; }

    /// <summary>10 by default.</summary>
    public int? RevisionHistoryLimit { get; init; }

    /// <summary>Whether changes wait.</summary>
    public bool? Paused { get; init; }

    /// <summary>600 by default.</summary>
    public int? ProgressDeadlineSeconds { get; init; }
}

/// <summary>apps/v1 DeploymentStrategy.</summary>
public sealed record DeploymentStrategy
{
    /// <summary>RollingUpdate (default) or Recreate.</summary>
    public string? Type { get; init; }

    /// <summary>How many at once.</summary>
    public RollingUpdate? RollingUpdate { get; init; }
}

/// <summary>apps/v1 RollingUpdateDeployment and RollingUpdateDaemonSet.</summary>
public sealed record RollingUpdate
{
    /// <summary>Number or percentage.</summary>
    public IntOrString? MaxUnavailable { get; init; }

    /// <summary>Number or percentage.</summary>
    public IntOrString? MaxSurge { get; init; }
}

/// <summary>State of a deployment.</summary>
public sealed record DeploymentStatus
{
    /// <summary>Generation this state is of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Pods.</summary>
    public int? Replicas { get; init; }

    /// <summary>Pods of the newest template.</summary>
    public int? UpdatedReplicas { get; init; }

    /// <summary>Ready pods.</summary>
    public int? ReadyReplicas { get; init; }

    /// <summary>Available pods.</summary>
    public int? AvailableReplicas { get; init; }

    /// <summary>Pods that are missing.</summary>
    public int? UnavailableReplicas { get; init; }

    /// <summary>Available, Progressing.</summary>
    public IReadOnlyList<DeploymentCondition>? Conditions { get; init; }

    /// <summary>Counts collisions of the template's hash.</summary>
    public int? CollisionCount { get; init; }
}

/// <summary>apps/v1 DeploymentCondition.</summary>
public sealed record DeploymentCondition
{
    /// <summary>Available, Progressing …</summary>
    public required string Type { get; init; }

    /// <summary>True, False or Unknown.</summary>
    public required string Status { get; init; }

    /// <summary>When it was written last.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastUpdateTime { get; init; }

    /// <summary>When the status changed last.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>Why, in one word.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public string? Message { get; init; }
}
