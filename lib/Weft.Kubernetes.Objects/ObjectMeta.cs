using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects.Compact;

namespace Weft.Kubernetes.Objects;

/// <summary>metav1.ObjectMeta.</summary>
public sealed record ObjectMeta
{
    /// <summary>Name, unique within kind and namespace.</summary>
    public string? Name { get; init; }

    /// <summary>Prefix of the name that the server makes up.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? GenerateName { get; init; }

    /// <summary>Namespace; null for a cluster-scoped object.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Namespace { get; init; }

    /// <summary>Unique in time as well: an object made again under its old name has another.</summary>
    public string? Uid { get; init; }

    /// <summary>The server's version of this object: opaque, for equality and for watching from there.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Counts changes of the desired state.</summary>
    public long? Generation { get; init; }

    /// <summary>When the server made it.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When it is to be gone; set from the deletion's request on.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Seconds it has for a graceful end.</summary>
    public long? DeletionGracePeriodSeconds { get; init; }

    /// <summary>Labels, which selectors select by.</summary>
    [JsonConverter(typeof(CompactDictionaryConverter))]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Annotations.</summary>
    [JsonConverter(typeof(CompactDictionaryConverter))]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Objects it goes with when they are deleted.</summary>
    public IReadOnlyList<OwnerReference>? OwnerReferences { get; init; }

    /// <summary>Who has to agree before it is gone.</summary>
    public IReadOnlyList<string>? Finalizers { get; init; }
}
