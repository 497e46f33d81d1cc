using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>
/// What the kinds of this library share. They have the fields Weft reads and no other, so that reading trims: an object
/// that was read must not be written back whole (<c>ReplaceAsync</c>) unless Weft alone writes its kind; patch or apply.
/// </summary>
public abstract record KubernetesObject : IKubernetesObject
{
    /// <inheritdoc />
    [JsonPropertyOrder(-3)]
    public string? ApiVersion { get; init; }

    /// <inheritdoc />
    [JsonPropertyOrder(-2)]
    public string? Kind { get; init; }

    /// <inheritdoc />
    [JsonPropertyOrder(-1)]
    public required ObjectMeta Metadata { get; init; }
}
