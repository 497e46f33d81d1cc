namespace Weft.Kubernetes.Objects;

/// <summary>Namespace and name: what tells the objects of one kind apart.</summary>
/// <param name="Namespace">Null for a cluster-scoped object.</param>
/// <param name="Name">Name of the object.</param>
public readonly record struct ObjectKey(string? Namespace, string Name)
{
    /// <summary>The key of an object the server knows.</summary>
    public static ObjectKey Of(IKubernetesObject obj) =>
        new(obj.Metadata.Namespace, obj.Metadata.Name ?? throw new ArgumentException("the object has no name yet"));

    /// <summary>"namespace/name", or the name alone.</summary>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
