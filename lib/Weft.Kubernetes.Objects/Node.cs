using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>core/v1 Node.</summary>
public sealed record Node : KubernetesObject
{
    /// <summary>Its prefixes and taints.</summary>
    public NodeSpec? Spec { get; init; }

    /// <summary>Addresses and conditions.</summary>
    public NodeStatus? Status { get; init; }
}

/// <summary>Desired state of a node.</summary>
public sealed record NodeSpec
{
    /// <summary>First of the prefixes of its pods.</summary>
    public string? PodCIDR { get; init; }

    /// <summary>Prefixes of its pods, at most one of each family.</summary>
    public IReadOnlyList<string>? PodCIDRs { get; init; }

    /// <summary>Name at the cloud's.</summary>
    public string? ProviderID { get; init; }

    /// <summary>Cordoned.</summary>
    public bool? Unschedulable { get; init; }

    /// <summary>What keeps pods away that do not tolerate it.</summary>
    public IReadOnlyList<Taint>? Taints { get; init; }
}

/// <summary>core/v1 Taint.</summary>
public sealed record Taint
{
    /// <summary>Key.</summary>
    public required string Key { get; init; }

    /// <summary>Value.</summary>
    public string? Value { get; init; }

    /// <summary>NoSchedule, PreferNoSchedule or NoExecute.</summary>
    public required string Effect { get; init; }

    /// <summary>When NoExecute came.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? TimeAdded { get; init; }
}

/// <summary>State of a node.</summary>
public sealed record NodeStatus
{
    /// <summary>Addresses of all kinds.</summary>
    public IReadOnlyList<NodeAddress>? Addresses { get; init; }

    /// <summary>Ready, NetworkUnavailable …</summary>
    public IReadOnlyList<NodeCondition>? Conditions { get; init; }

    /// <summary>Versions.</summary>
    public NodeSystemInfo? NodeInfo { get; init; }

    /// <summary>Quantities by resource.</summary>
    public IReadOnlyDictionary<string, string>? Capacity { get; init; }

    /// <summary>Quantities that pods can have.</summary>
    public IReadOnlyDictionary<string, string>? Allocatable { get; init; }

    /// <summary>Port of the kubelet.</summary>
    public NodeDaemonEndpoints? DaemonEndpoints { get; init; }
}

/// <summary>core/v1 NodeAddress.</summary>
public sealed record NodeAddress
{
    /// <summary>InternalIP, ExternalIP, Hostname …</summary>
    public required string Type { get; init; }

    /// <summary>Address or name.</summary>
    public required string Address { get; init; }
}

/// <summary>core/v1 NodeCondition.</summary>
public sealed record NodeCondition
{
    /// <summary>Ready, NetworkUnavailable, MemoryPressure …</summary>
    public required string Type { get; init; }

    /// <summary>True, False or Unknown.</summary>
    public required string Status { get; init; }

    /// <summary>When it was judged last.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastHeartbeatTime { get; init; }

    /// <summary>When the status changed last.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>Why, in one word.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public string? Message { get; init; }
}

/// <summary>core/v1 NodeSystemInfo.</summary>
public sealed record NodeSystemInfo
{
    /// <summary>/etc/machine-id.</summary>
    [JsonPropertyName("machineID")]
    public string? MachineID { get; init; }

    /// <summary>UUID of the machine.</summary>
    [JsonPropertyName("systemUUID")]
    public string? SystemUUID { get; init; }

    /// <summary>/proc/sys/kernel/random/boot_id.</summary>
    [JsonPropertyName("bootID")]
    public string? BootID { get; init; }

    /// <summary>uname -r.</summary>
    public string? KernelVersion { get; init; }

    /// <summary>Distribution.</summary>
    [JsonPropertyName("osImage")]
    public string? OsImage { get; init; }

    /// <summary>Runtime and version.</summary>
    public string? ContainerRuntimeVersion { get; init; }

    /// <summary>The kubelet's version.</summary>
    public string? KubeletVersion { get; init; }

    /// <summary>Deprecated; the server insists on it being there.</summary>
    public string? KubeProxyVersion { get; init; }

    /// <summary>linux.</summary>
    public string? OperatingSystem { get; init; }

    /// <summary>amd64 …</summary>
    public string? Architecture { get; init; }
}

/// <summary>core/v1 NodeDaemonEndpoints.</summary>
public sealed record NodeDaemonEndpoints
{
    /// <summary>Where the kubelet serves.</summary>
    public DaemonEndpoint? KubeletEndpoint { get; init; }
}

/// <summary>core/v1 DaemonEndpoint.</summary>
public sealed record DaemonEndpoint
{
    /// <summary>Port.</summary>
    [JsonPropertyName("Port")]
    public int Port { get; init; }
}
