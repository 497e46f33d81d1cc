using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>An object of any kind with all its fields, for who copies objects instead of reading them.</summary>
[JsonConverter(typeof(UnstructuredConverter))]
public sealed record Unstructured : KubernetesObject
{
    /// <summary>All fields besides apiVersion, kind and metadata.</summary>
    public JsonObject? Fields { get; init; }
}
