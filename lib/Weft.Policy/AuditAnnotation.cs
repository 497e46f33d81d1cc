using Weft.Kubernetes.Objects;

namespace Weft.Policy;

/// <summary>On a pod or a namespace: what policies deny to its pods is counted and reported, and let through.</summary>
public static class AuditAnnotation
{
    /// <summary>The annotation's key; its value is "true".</summary>
    public const string Key = "weft.dev/policy-audit";

    /// <summary>Whether an object has it.</summary>
    public static bool IsSet(ObjectMeta? metadata) =>
        metadata?.Annotations is { } annotations && annotations.TryGetValue(Key, out var value) && value == "true";
}
