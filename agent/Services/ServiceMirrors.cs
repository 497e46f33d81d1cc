using Weft.Agent.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Agent.Services;

/// <summary>All that Services depend on.</summary>
/// <param name="Services">All Services that are ours to serve.</param>
/// <param name="Slices">The slices of their endpoints.</param>
/// <param name="Node">This node, for its zone.</param>
internal sealed record ServiceMirrors(
    Mirror<Service> Services,
    Mirror<EndpointSlice> Slices,
    Mirror<KubernetesNode> Node
)
{
    /// <summary>What the server is asked for: neither headless Services, nor those that another proxy serves.</summary>
    public const string Ours = "!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name";

    private const string ServiceName = "kubernetes.io/service-name";
    private const string Zone = "topology.kubernetes.io/zone";

    /// <summary>True when all of it is the server's.</summary>
    public bool AreFresh => Services.IsFresh && Slices.IsFresh && Node.IsFresh;

    /// <summary>True when there are Services to go by, if only those that were written down.</summary>
    public bool AreUsable => Services.IsUsable && Slices.IsUsable;

    /// <summary>The node's zone, or null.</summary>
    public static string? ZoneOf(KubernetesNode node) => node.Metadata.Labels?.GetValueOrDefault(Zone);

    /// <summary>A Service without what its frontends do not depend on.</summary>
    public static Service Trimmed(Service service) =>
        service with
        {
            ApiVersion = null,
            Kind = null,
            Metadata = new ObjectMeta
            {
                Name = service.Metadata.Name,
                Namespace = service.Metadata.Namespace,
                Uid = service.Metadata.Uid,
                ResourceVersion = service.Metadata.ResourceVersion,
                CreationTimestamp = service.Metadata.CreationTimestamp,
            },
            Spec = service.Spec is null ? null : service.Spec with { Selector = null },
            Status = service.Status is null ? null : service.Status with { Conditions = null },
        };

    /// <summary>A slice without what its backends do not depend on.</summary>
    public static EndpointSlice Trimmed(EndpointSlice slice) =>
        slice with
        {
            ApiVersion = null,
            Kind = null,
            Metadata = new ObjectMeta
            {
                Name = slice.Metadata.Name,
                Namespace = slice.Metadata.Namespace,
                Uid = slice.Metadata.Uid,
                ResourceVersion = slice.Metadata.ResourceVersion,
                Labels = slice.Metadata.Labels?.Where(label => label.Key == ServiceName).ToDictionary(),
            },
            Endpoints = slice
                .Endpoints?.Select(endpoint =>
                    endpoint with
                    {
                        Hostname = null,
                        Zone = null,
                        DeprecatedTopology = null,
                        TargetRef = Trimmed(endpoint.TargetRef),
                    }
                )
                .ToArray(),
        };

    private static ObjectReference? Trimmed(ObjectReference? target) =>
        target is null
            ? null
            : new ObjectReference
            {
                Kind = target.Kind,
                Namespace = target.Namespace,
                Name = target.Name,
            };
}
