namespace Weft.Kubernetes.Objects;

/// <summary>core/v1 Namespace.</summary>
public sealed record Namespace : KubernetesObject
{
    /// <summary>Finalizers of the namespace itself.</summary>
    public NamespaceSpec? Spec { get; init; }

    /// <summary>Phase.</summary>
    public NamespaceStatus? Status { get; init; }
}

/// <summary>What holds a namespace until it is empty.</summary>
public sealed record NamespaceSpec
{
    /// <summary>Usually ["kubernetes"].</summary>
    public IReadOnlyList<string>? Finalizers { get; init; }
}

/// <summary>State of a namespace.</summary>
public sealed record NamespaceStatus
{
    /// <summary>Active or Terminating.</summary>
    public string? Phase { get; init; }
}
