namespace Weft.Kubernetes.Objects;

/// <summary>An object of the Kubernetes API: what every kind has.</summary>
public interface IKubernetesObject
{
    /// <summary>Group and version such as "apps/v1"; null on the items of a list.</summary>
    string? ApiVersion { get; }

    /// <summary>Kind such as "Pod"; null on the items of a list.</summary>
    string? Kind { get; }

    /// <summary>Name, labels and the server's book-keeping.</summary>
    ObjectMeta Metadata { get; }
}
