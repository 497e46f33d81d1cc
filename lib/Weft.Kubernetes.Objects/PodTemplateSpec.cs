using System.Text.Json;

namespace Weft.Kubernetes.Objects;

/// <summary>core/v1 PodTemplateSpec: copied whole into pods, so its spec is kept as it came.</summary>
public sealed record PodTemplateSpec
{
    /// <summary>Labels and annotations of the pods.</summary>
    public ObjectMeta? Metadata { get; init; }

    /// <summary>A PodSpec with all its fields.</summary>
    public JsonElement? Spec { get; init; }
}
