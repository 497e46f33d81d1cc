using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>coordination.k8s.io/v1 Lease.</summary>
public sealed record Lease : KubernetesObject
{
    /// <summary>Who holds it, and until when.</summary>
    public LeaseSpec? Spec { get; init; }
}

/// <summary>A lease's holder.</summary>
public sealed record LeaseSpec
{
    /// <summary>Who holds it; null or empty when it is free.</summary>
    public string? HolderIdentity { get; init; }

    /// <summary>How long a holder that is silent keeps it.</summary>
    public int? LeaseDurationSeconds { get; init; }

    /// <summary>When the holder got it.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? AcquireTime { get; init; }

    /// <summary>When the holder renewed it last, by the holder's clock.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? RenewTime { get; init; }

    /// <summary>How often the holder changed.</summary>
    public int? LeaseTransitions { get; init; }
}
