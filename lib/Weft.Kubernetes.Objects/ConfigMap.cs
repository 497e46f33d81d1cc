namespace Weft.Kubernetes.Objects;

/// <summary>core/v1 ConfigMap, texts only.</summary>
public sealed record ConfigMap : KubernetesObject
{
    /// <summary>Key to text.</summary>
    public IReadOnlyDictionary<string, string>? Data { get; init; }
}
