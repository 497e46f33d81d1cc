using System.Text.Json.Serialization.Metadata;
using Weft.Kubernetes.Objects;

namespace Weft.Resources;

/// <summary>Weft's kinds and where the API server has them. All are cluster-scoped.</summary>
public static class WeftResources
{
    /// <summary>Nodes, as other nodes need them.</summary>
    public static Resource<WeftNode> Nodes { get; } =
        Of("weftnodes", ResourcesJson.Default.WeftNode, ResourcesJson.Default.ObjectListWeftNode);

    /// <summary>Identities of pods.</summary>
    public static Resource<WeftIdentity> Identities { get; } =
        Of("weftidentities", ResourcesJson.Default.WeftIdentity, ResourcesJson.Default.ObjectListWeftIdentity);

    /// <summary>Pods of nodes.</summary>
    public static Resource<WeftEndpointSlice> EndpointSlices { get; } =
        Of(
            "weftendpointslices",
            ResourcesJson.Default.WeftEndpointSlice,
            ResourcesJson.Default.ObjectListWeftEndpointSlice
        );

    /// <summary>Pools of pods' addresses.</summary>
    public static Resource<WeftIPPool> IPPools { get; } =
        Of("weftippools", ResourcesJson.Default.WeftIPPool, ResourcesJson.Default.ObjectListWeftIPPool);

    /// <summary>Pools of Services' addresses.</summary>
    public static Resource<WeftLoadBalancerPool> LoadBalancerPools { get; } =
        Of(
            "weftloadbalancerpools",
            ResourcesJson.Default.WeftLoadBalancerPool,
            ResourcesJson.Default.ObjectListWeftLoadBalancerPool
        );

    private static Resource<T> Of<T>(string plural, JsonTypeInfo<T> json, JsonTypeInfo<ObjectList<T>> list)
        where T : class, IKubernetesObject =>
        new(WeftGroup.Name, WeftGroup.Version, plural, typeof(T).Name, Namespaced: false, json, list);
}
