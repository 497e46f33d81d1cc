using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects.Compact;

namespace Weft.Kubernetes.Objects;

/// <summary>metav1.OwnerReference: an object that is deleted takes those with it that refer to it.</summary>
public sealed record OwnerReference
{
    /// <summary>Group and version of the owner.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public required string ApiVersion { get; init; }

    /// <summary>Kind of the owner.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public required string Kind { get; init; }

    /// <summary>Name of the owner.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public required string Name { get; init; }

    /// <summary>The owner's uid: one of the same name made later is another.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public required string Uid { get; init; }

    /// <summary>Whether this owner is the controller of the object.</summary>
    public bool? Controller { get; init; }

    /// <summary>Whether a foreground deletion of the owner waits for the object.</summary>
    public bool? BlockOwnerDeletion { get; init; }
}
