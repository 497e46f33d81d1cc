using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects.Compact;

namespace Weft.Kubernetes.Objects;

/// <summary>core/v1 Container.</summary>
public sealed record Container
{
    /// <summary>Name, unique in the pod.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public required string Name { get; init; }

    /// <summary>Image.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Image { get; init; }

    /// <summary>When the image is pulled.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? ImagePullPolicy { get; init; }

    /// <summary>Instead of the image's entrypoint.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Instead of the image's arguments.</summary>
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>Working directory.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>Ports, for their names and for ports of the host.</summary>
    public IReadOnlyList<ContainerPort>? Ports { get; init; }

    /// <summary>Environment.</summary>
    public IReadOnlyList<EnvVar>? Env { get; init; }

    /// <summary>Restarts the container when it fails.</summary>
    public Probe? LivenessProbe { get; init; }

    /// <summary>Takes the pod out of services while it fails.</summary>
    public Probe? ReadinessProbe { get; init; }

    /// <summary>Holds the other two back until it succeeds.</summary>
    public Probe? StartupProbe { get; init; }

    /// <summary>What runs before the end.</summary>
    public Lifecycle? Lifecycle { get; init; }

    /// <summary>Always on an init container makes it a sidecar.</summary>
    public string? RestartPolicy { get; init; }

    /// <summary>File with the last words.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? TerminationMessagePath { get; init; }

    /// <summary>File or FallbackToLogsOnError.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? TerminationMessagePolicy { get; init; }
}

/// <summary>core/v1 ContainerPort.</summary>
public sealed record ContainerPort
{
    /// <summary>Name.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Name { get; init; }

    /// <summary>Port of the pod.</summary>
    [JsonPropertyName("containerPort")]
    public int Port { get; init; }

    /// <summary>Port of the node that leads here.</summary>
    public int? HostPort { get; init; }

    /// <summary>Address of the node for that port.</summary>
    [JsonPropertyName("hostIP")]
    public string? HostIP { get; init; }

    /// <summary>TCP (default), UDP or SCTP.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Protocol { get; init; }
}

/// <summary>core/v1 EnvVar.</summary>
public sealed record EnvVar
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Value; $(OTHER) is replaced.</summary>
    public string? Value { get; init; }

    /// <summary>Where the value is instead.</summary>
    public EnvVarSource? ValueFrom { get; init; }
}

/// <summary>core/v1 EnvVarSource.</summary>
public sealed record EnvVarSource
{
    /// <summary>A field of the pod.</summary>
    public ObjectFieldSelector? FieldRef { get; init; }

    /// <summary>A key of a ConfigMap.</summary>
    public KeySelector? ConfigMapKeyRef { get; init; }

    /// <summary>A key of a Secret.</summary>
    public KeySelector? SecretKeyRef { get; init; }
}

/// <summary>core/v1 ObjectFieldSelector.</summary>
public sealed record ObjectFieldSelector
{
    /// <summary>Such as "status.podIP".</summary>
    public string? FieldPath { get; init; }
}

/// <summary>core/v1 ConfigMapKeySelector and SecretKeySelector.</summary>
public sealed record KeySelector
{
    /// <summary>Object of the pod's namespace.</summary>
    public string? Name { get; init; }

    /// <summary>Its key.</summary>
    public string? Key { get; init; }

    /// <summary>Whether it may be missing.</summary>
    public bool? Optional { get; init; }
}

/// <summary>core/v1 Lifecycle.</summary>
public sealed record Lifecycle
{
    /// <summary>Runs after the start.</summary>
    public LifecycleHandler? PostStart { get; init; }

    /// <summary>Runs before SIGTERM.</summary>
    public LifecycleHandler? PreStop { get; init; }
}

/// <summary>core/v1 LifecycleHandler.</summary>
public sealed record LifecycleHandler
{
    /// <summary>A command.</summary>
    public ExecAction? Exec { get; init; }

    /// <summary>A request.</summary>
    public HttpGetAction? HttpGet { get; init; }

    /// <summary>A connection.</summary>
    public TcpSocketAction? TcpSocket { get; init; }

    /// <summary>A pause.</summary>
    public SleepAction? Sleep { get; init; }
}

/// <summary>core/v1 SleepAction.</summary>
public sealed record SleepAction
{
    /// <summary>How long.</summary>
    public long Seconds { get; init; }
}
