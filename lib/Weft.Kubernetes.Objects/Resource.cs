using System.Text.Json.Serialization.Metadata;

namespace Weft.Kubernetes.Objects;

/// <summary>One kind of objects and where the server has them.</summary>
/// <param name="Group">API group; empty for core.</param>
/// <param name="Version">Version of the group.</param>
/// <param name="Plural">Name in paths, such as "pods".</param>
/// <param name="Kind">Name in manifests, such as "Pod".</param>
/// <param name="Namespaced">Whether the objects are in namespaces.</param>
/// <param name="Json">Source-generated JSON of an object.</param>
/// <param name="ListJson">Source-generated JSON of a page of them.</param>
public sealed record Resource<T>(
    string Group,
    string Version,
    string Plural,
    string Kind,
    bool Namespaced,
    JsonTypeInfo<T> Json,
    JsonTypeInfo<ObjectList<T>> ListJson
)
    where T : class, IKubernetesObject
{
    /// <summary>Group and version as manifests have them: "v1", "apps/v1".</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The same kind with all its fields.</summary>
    public Resource<Unstructured> Unstructured =>
        new(
            Group,
            Version,
            Plural,
            Kind,
            Namespaced,
            ObjectsJson.Default.Unstructured,
            ObjectsJson.Default.ObjectListUnstructured
        );

    /// <summary>"pods", "deployments.apps".</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}
