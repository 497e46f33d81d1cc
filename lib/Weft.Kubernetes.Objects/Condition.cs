using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>metav1.Condition: one thing that is so, is not, or is unknown.</summary>
public sealed record Condition
{
    /// <summary>What is judged, such as "Ready".</summary>
    public required string Type { get; init; }

    /// <summary>"True", "False" or "Unknown".</summary>
    public required string Status { get; init; }

    /// <summary>Generation of the desired state that was judged.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>When the status changed last.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>Why, in one word.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public string? Message { get; init; }
}
