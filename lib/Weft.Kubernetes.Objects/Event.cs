using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>events.k8s.io/v1 Event.</summary>
public sealed record Event : KubernetesObject
{
    /// <summary>When it was seen first.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? EventTime { get; init; }

    /// <summary>How often it was seen since.</summary>
    public EventSeries? Series { get; init; }

    /// <summary>Who reports, such as weft.dev/operator.</summary>
    public string? ReportingController { get; init; }

    /// <summary>Which one of them.</summary>
    public string? ReportingInstance { get; init; }

    /// <summary>What was tried, in one word.</summary>
    public string? Action { get; init; }

    /// <summary>Why, in one word.</summary>
    public string? Reason { get; init; }

    /// <summary>What it is about.</summary>
    public ObjectReference? Regarding { get; init; }

    /// <summary>A second object it is about.</summary>
    public ObjectReference? Related { get; init; }

    /// <summary>A sentence of at most 1024 bytes.</summary>
    public string? Note { get; init; }

    /// <summary>Normal or Warning.</summary>
    public string? Type { get; init; }
}

/// <summary>Repetitions of an event.</summary>
public sealed record EventSeries
{
    /// <summary>How often it was seen.</summary>
    public int? Count { get; init; }

    /// <summary>When it was seen last.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? LastObservedTime { get; init; }
}
