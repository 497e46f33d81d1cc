using Weft.Agent.Identities;
using Weft.Contracts;
using Weft.Kubernetes.Objects;
using Weft.Policy;

namespace Weft.Agent.Policy;

/// <summary>Pods whose policies are only tried: what they would deny is counted, and let through.</summary>
internal static class PolicyAudit
{
    /// <summary>Whether the pod's are.</summary>
    public static bool Has(PodMirrors mirrors, PodReference pod) =>
        AuditAnnotation.IsSet(mirrors.Pods.Get(new ObjectKey(pod.Namespace, pod.Name))?.Metadata)
        || AuditAnnotation.IsSet(mirrors.Namespaces.Get(new ObjectKey(null, pod.Namespace))?.Metadata);
}
