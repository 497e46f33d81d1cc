using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes;

/// <summary>What an informer keeps, and how.</summary>
public sealed record InformerOptions<T>
    where T : class, IKubernetesObject
{
    /// <summary>Namespace; null: all of them.</summary>
    public string? Namespace { get; init; }

    /// <summary>Label selector such as "app=web,tier!=db".</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Field selector such as "spec.nodeName=n1".</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Indexes by name: the keys under which an object is found by <see cref="Informer{T}.ByIndex"/>.</summary>
    public IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> Indexes { get; init; } =
        new Dictionary<string, Func<T, IEnumerable<string>>>();

    /// <summary>
    /// What is kept of an object, so that memory is not spent on what nobody reads. It keeps name, namespace, uid and
    /// resourceVersion.
    /// </summary>
    public Func<T, T>? Transform { get; init; }

    /// <summary>When the server is to end each watch; null: after 5 to 10 minutes.</summary>
    public TimeSpan? WatchTimeout { get; init; }
}
