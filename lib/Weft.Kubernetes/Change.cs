using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes;

/// <summary>A change of an informer's cache.</summary>
/// <param name="Key">Which object.</param>
/// <param name="Old">As it was; null when it came.</param>
/// <param name="New">As it is; null when it went.</param>
public readonly record struct Change<T>(ObjectKey Key, T? Old, T? New)
    where T : class, IKubernetesObject;
