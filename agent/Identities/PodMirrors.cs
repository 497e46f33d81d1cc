using Weft.Agent.Kubernetes;
using Weft.Agent.Policy;
using Weft.Agent.Services;
using Weft.Kubernetes.Objects;
using Weft.Policy;
using Weft.Resources;

namespace Weft.Agent.Identities;

/// <summary>All that a pod's identity depends on.</summary>
/// <param name="Pods">This node's pods.</param>
/// <param name="Namespaces">All namespaces, for their labels.</param>
/// <param name="Policies">All policies, for what they look at.</param>
/// <param name="Identities">All identities.</param>
internal sealed record PodMirrors(
    Mirror<Pod> Pods,
    Mirror<Namespace> Namespaces,
    Mirror<NetworkPolicy> Policies,
    Mirror<WeftIdentity> Identities
)
{
    /// <summary>True when there is something to go by: with half of the policies, a pod would get a wrong identity.</summary>
    public bool AreUsable => Namespaces.IsUsable && Policies.IsUsable && Identities.IsUsable;

    /// <summary>True when all of it is the server's, and not only what was written down.</summary>
    public bool AreFresh => Pods.IsFresh && Namespaces.IsFresh && Policies.IsFresh && Identities.IsFresh;

    /// <summary>Name of the annotation by which the object of a static pod says which pod it shows: the hash of its file.</summary>
    public const string StaticPodHash = "kubernetes.io/config.hash";

    /// <summary>A pod without what its identity does not depend on; above all without its environment, for it is written down.</summary>
    public static Pod Trimmed(Pod pod) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Name = pod.Metadata.Name,
                Namespace = pod.Metadata.Namespace,
                Uid = pod.Metadata.Uid,
                ResourceVersion = pod.Metadata.ResourceVersion,
                Labels = pod.Metadata.Labels,
                Annotations = pod
                    .Metadata.Annotations?.Where(annotation =>
                        annotation.Key is StaticPodHash or AuditAnnotation.Key or PacketOnlyPods.Annotation
                    )
                    .ToDictionary(),
            },
            Spec = new PodSpec
            {
                NodeName = pod.Spec?.NodeName,
                HostNetwork = pod.Spec?.HostNetwork,
                Containers = [.. (pod.Spec?.Containers ?? []).Select(Trimmed)],
                InitContainers = [.. (pod.Spec?.InitContainers ?? []).Select(Trimmed)],
            },
        };

    private static Container Trimmed(Container container) =>
        new()
        {
            Name = container.Name,
            RestartPolicy = container.RestartPolicy,
            Ports = container.Ports,
        };
}
