using Weft.Kubernetes.Objects;

namespace Weft.Resources.Definitions;

/// <summary>Columns of `kubectl get`.</summary>
internal static class Column
{
    /// <summary>Always the last, as kubectl's own are.</summary>
    public static CustomResourceColumnDefinition Age { get; } = Of("Age", "date", ".metadata.creationTimestamp");

    /// <summary>The status of a condition.</summary>
    public static CustomResourceColumnDefinition Condition(string type) =>
        Of(type, "string", $".status.conditions[?(@.type=='{type}')].status");

    public static CustomResourceColumnDefinition Of(string name, string type, string path, bool wide = false) =>
        new()
        {
            Name = name,
            Type = type,
            JsonPath = path,
            Priority = wide ? 1 : null,
        };
}
