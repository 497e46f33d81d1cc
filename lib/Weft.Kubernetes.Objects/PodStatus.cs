using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects.Compact;

namespace Weft.Kubernetes.Objects;

/// <summary>State of a pod.</summary>
public sealed record PodStatus
{
    /// <summary>Pending, Running, Succeeded, Failed or Unknown.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Phase { get; init; }

    /// <summary>Generation this state is of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>PodScheduled, Initialized, ContainersReady, Ready …</summary>
    public IReadOnlyList<PodCondition>? Conditions { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public string? Message { get; init; }

    /// <summary>Why, in one word.</summary>
    public string? Reason { get; init; }

    /// <summary>Address of its node.</summary>
    [JsonPropertyName("hostIP")]
    [JsonConverter(typeof(SharedStringConverter))]
    public string? HostIP { get; init; }

    /// <summary>Addresses of its node.</summary>
    [JsonPropertyName("hostIPs")]
    public IReadOnlyList<PodIP>? HostIPs { get; init; }

    /// <summary>Its first address.</summary>
    [JsonPropertyName("podIP")]
    public string? PodIP { get; init; }

    /// <summary>Its addresses, one of each family.</summary>
    [JsonPropertyName("podIPs")]
    public IReadOnlyList<PodIP>? PodIPs { get; init; }

    /// <summary>When the kubelet saw it.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>State of the init containers.</summary>
    public IReadOnlyList<ContainerStatus>? InitContainerStatuses { get; init; }

    /// <summary>State of the containers.</summary>
    public IReadOnlyList<ContainerStatus>? ContainerStatuses { get; init; }

    /// <summary>Guaranteed, Burstable or BestEffort.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? QosClass { get; init; }
}

/// <summary>An address.</summary>
public sealed record PodIP
{
    /// <summary>Address.</summary>
    public string? Ip { get; init; }
}

/// <summary>core/v1 PodCondition.</summary>
public sealed record PodCondition
{
    /// <summary>Ready …</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public required string Type { get; init; }

    /// <summary>True, False or Unknown.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public required string Status { get; init; }

    /// <summary>Generation this was judged of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>When it was judged last.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastProbeTime { get; init; }

    /// <summary>When the status changed last.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>Why, in one word.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Reason { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public string? Message { get; init; }
}

/// <summary>core/v1 ContainerStatus.</summary>
public sealed record ContainerStatus
{
    /// <summary>Container.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public required string Name { get; init; }

    /// <summary>State now.</summary>
    public ContainerState? State { get; init; }

    /// <summary>State before the last restart.</summary>
    public ContainerState? LastState { get; init; }

    /// <summary>Whether it is ready.</summary>
    public bool Ready { get; init; }

    /// <summary>How often it was started again.</summary>
    public int RestartCount { get; init; }

    /// <summary>Image.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Image { get; init; }

    /// <summary>Image, by digest.</summary>
    [JsonPropertyName("imageID")]
    [JsonConverter(typeof(SharedStringConverter))]
    public string? ImageID { get; init; }

    /// <summary>Name at the runtime's.</summary>
    [JsonPropertyName("containerID")]
    public string? ContainerID { get; init; }

    /// <summary>Whether it is past its startup probe.</summary>
    public bool? Started { get; init; }
}

/// <summary>core/v1 ContainerState: one of three.</summary>
public sealed record ContainerState
{
    /// <summary>Not started yet.</summary>
    public ContainerStateWaiting? Waiting { get; init; }

    /// <summary>Running.</summary>
    public ContainerStateRunning? Running { get; init; }

    /// <summary>Ended.</summary>
    public ContainerStateTerminated? Terminated { get; init; }
}

/// <summary>Why a container is not running.</summary>
public sealed record ContainerStateWaiting
{
    /// <summary>ContainerCreating, CrashLoopBackOff …</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence.</summary>
    public string? Message { get; init; }
}

/// <summary>Since when a container runs.</summary>
public sealed record ContainerStateRunning
{
    /// <summary>Since when.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? StartedAt { get; init; }
}

/// <summary>How a container ended.</summary>
public sealed record ContainerStateTerminated
{
    /// <summary>Exit code.</summary>
    public int ExitCode { get; init; }

    /// <summary>Signal that ended it.</summary>
    public int? Signal { get; init; }

    /// <summary>Completed, Error, OOMKilled …</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence.</summary>
    public string? Message { get; init; }

    /// <summary>When it began.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Name at the runtime's.</summary>
    [JsonPropertyName("containerID")]
    public string? ContainerID { get; init; }
}
