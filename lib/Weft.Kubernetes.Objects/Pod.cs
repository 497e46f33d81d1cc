using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects.Compact;

namespace Weft.Kubernetes.Objects;

/// <summary>core/v1 Pod.</summary>
public sealed record Pod : KubernetesObject
{
    /// <summary>What is to run.</summary>
    public PodSpec? Spec { get; init; }

    /// <summary>What runs.</summary>
    public PodStatus? Status { get; init; }
}

/// <summary>Desired state of a pod.</summary>
public sealed record PodSpec
{
    /// <summary>Run one after the other, before the containers.</summary>
    public IReadOnlyList<Container>? InitContainers { get; init; }

    /// <summary>Run together.</summary>
    public IReadOnlyList<Container>? Containers { get; init; }

    /// <summary>Node it runs on; null until it is scheduled.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? NodeName { get; init; }

    /// <summary>Labels of the nodes it may run on.</summary>
    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    /// <summary>Whether it has the node's network instead of one of its own.</summary>
    public bool? HostNetwork { get; init; }

    /// <summary>Always (default), OnFailure or Never.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? RestartPolicy { get; init; }

    /// <summary>Between SIGTERM and SIGKILL; 30 by default.</summary>
    public long? TerminationGracePeriodSeconds { get; init; }

    /// <summary>Service account.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? ServiceAccountName { get; init; }

    /// <summary>Scheduler.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? SchedulerName { get; init; }

    /// <summary>Host name, instead of the pod's name.</summary>
    public string? Hostname { get; init; }

    /// <summary>Headless service it has a name under.</summary>
    public string? Subdomain { get; init; }

    /// <summary>DNS policy.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? DnsPolicy { get; init; }

    /// <summary>Taints that do not keep it away.</summary>
    public IReadOnlyList<Toleration>? Tolerations { get; init; }

    /// <summary>Lines of /etc/hosts.</summary>
    public IReadOnlyList<HostAlias>? HostAliases { get; init; }

    /// <summary>Conditions that must hold besides the containers'.</summary>
    public IReadOnlyList<PodReadinessGate>? ReadinessGates { get; init; }

    /// <summary>Priority class.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? PriorityClassName { get; init; }
}

/// <summary>core/v1 Toleration.</summary>
public sealed record Toleration
{
    /// <summary>Key; null with Exists means all.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Key { get; init; }

    /// <summary>Exists or Equal (default).</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Operator { get; init; }

    /// <summary>Value.</summary>
    public string? Value { get; init; }

    /// <summary>Effect; null means all.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Effect { get; init; }

    /// <summary>How long NoExecute is tolerated.</summary>
    public long? TolerationSeconds { get; init; }
}

/// <summary>core/v1 HostAlias.</summary>
public sealed record HostAlias
{
    /// <summary>Address.</summary>
    public string? Ip { get; init; }

    /// <summary>Names.</summary>
    public IReadOnlyList<string>? Hostnames { get; init; }
}

/// <summary>core/v1 PodReadinessGate.</summary>
public sealed record PodReadinessGate
{
    /// <summary>Condition.</summary>
    public string? ConditionType { get; init; }
}
