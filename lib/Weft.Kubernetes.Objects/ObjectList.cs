namespace Weft.Kubernetes.Objects;

/// <summary>One page of a list.</summary>
public sealed record ObjectList<T>
    where T : class, IKubernetesObject
{
    /// <summary>Version of the list, and where it goes on.</summary>
    public ListMeta? Metadata { get; init; }

    /// <summary>The objects; null where a server writes null for none.</summary>
    public IReadOnlyList<T>? Items { get; init; }
}

/// <summary>metav1.ListMeta.</summary>
public sealed record ListMeta
{
    /// <summary>Version to watch from.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Token of the next page; null or empty on the last one.</summary>
    public string? Continue { get; init; }

    /// <summary>How many objects follow, where the server knows.</summary>
    public long? RemainingItemCount { get; init; }
}
