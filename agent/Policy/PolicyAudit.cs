using Weft.Agent.Identities;
using Weft.Contracts;
using Weft.Kubernetes.Objects;

namespace Weft.Agent.Policy;

/// <summary>Pods whose policies are only tried: what they would deny is counted, and let through.</summary>
internal static class PolicyAudit
{
    /// <summary>"true" on a pod, or on its namespace for all of its pods.</summary>
    public const string Annotation = "weft.dev/policy-audit";

    /// <summary>Whether the pod's are.</summary>
    public static bool Has(PodMirrors mirrors, PodReference pod) =>
        Says(mirrors.Pods.Get(new ObjectKey(pod.Namespace, pod.Name))?.Metadata)
        || Says(mirrors.Namespaces.Get(new ObjectKey(null, pod.Namespace))?.Metadata);

    private static bool Says(ObjectMeta? meta) => meta?.Annotations?.GetValueOrDefault(Annotation) == "true";
}
