using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects.Compact;

namespace Weft.Kubernetes.Objects;

/// <summary>core/v1 ObjectReference.</summary>
public sealed record ObjectReference
{
    /// <summary>Group and version.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Kind.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Kind { get; init; }

    /// <summary>Namespace, if it has one.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Namespace { get; init; }

    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>Uid.</summary>
    public string? Uid { get; init; }

    /// <summary>Version meant.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Part meant, such as "spec.containers{web}".</summary>
    public string? FieldPath { get; init; }
}
