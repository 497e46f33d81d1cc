using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Policy.Explanations;

/// <summary>One end of a connection.</summary>
/// <param name="Name">"shop/web", an address or "world", for messages.</param>
/// <param name="Addresses">Its addresses, at most one of each family.</param>
/// <param name="Pod">The pod; null for what is none.</param>
/// <param name="NamespaceLabels">Labels of the pod's namespace.</param>
/// <param name="NamespaceAudits">Whether its namespace lets through what is denied, see <see cref="AuditAnnotation"/>.</param>
public sealed record ConnectionEnd(
    string Name,
    IReadOnlyList<Ip> Addresses,
    Pod? Pod = null,
    IReadOnlyDictionary<string, string>? NamespaceLabels = null,
    bool NamespaceAudits = false
)
{
    /// <summary>A pod that policies can select: one on its node's network is its node to them, one that ended is nobody.</summary>
    public bool IsSelectable =>
        Pod is { } pod && pod.Spec?.HostNetwork != true && pod.Status?.Phase is not ("Succeeded" or "Failed");

    /// <summary>Whether what its policies deny is let through.</summary>
    public bool IsAudited => Pod is not null && (NamespaceAudits || AuditAnnotation.IsSet(Pod.Metadata));
}
