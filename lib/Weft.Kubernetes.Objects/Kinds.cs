namespace Weft.Kubernetes.Objects;

/// <summary>The kinds of Kubernetes that Weft uses.</summary>
public static class Kinds
{
    /// <summary>core/v1 Namespace.</summary>
    public static Resource<Namespace> Namespaces { get; } =
        new(
            "",
            "v1",
            "namespaces",
            "Namespace",
            false,
            ObjectsJson.Default.Namespace,
            ObjectsJson.Default.ObjectListNamespace
        );

    /// <summary>core/v1 Node.</summary>
    public static Resource<Node> Nodes { get; } =
        new("", "v1", "nodes", "Node", false, ObjectsJson.Default.Node, ObjectsJson.Default.ObjectListNode);

    /// <summary>core/v1 Pod.</summary>
    public static Resource<Pod> Pods { get; } =
        new("", "v1", "pods", "Pod", true, ObjectsJson.Default.Pod, ObjectsJson.Default.ObjectListPod);

    /// <summary>core/v1 Service.</summary>
    public static Resource<Service> Services { get; } =
        new("", "v1", "services", "Service", true, ObjectsJson.Default.Service, ObjectsJson.Default.ObjectListService);

    /// <summary>core/v1 ConfigMap.</summary>
    public static Resource<ConfigMap> ConfigMaps { get; } =
        new(
            "",
            "v1",
            "configmaps",
            "ConfigMap",
            true,
            ObjectsJson.Default.ConfigMap,
            ObjectsJson.Default.ObjectListConfigMap
        );

    /// <summary>discovery.k8s.io/v1 EndpointSlice.</summary>
    public static Resource<EndpointSlice> EndpointSlices { get; } =
        new(
            "discovery.k8s.io",
            "v1",
            "endpointslices",
            "EndpointSlice",
            true,
            ObjectsJson.Default.EndpointSlice,
            ObjectsJson.Default.ObjectListEndpointSlice
        );

    /// <summary>networking.k8s.io/v1 NetworkPolicy.</summary>
    public static Resource<NetworkPolicy> NetworkPolicies { get; } =
        new(
            "networking.k8s.io",
            "v1",
            "networkpolicies",
            "NetworkPolicy",
            true,
            ObjectsJson.Default.NetworkPolicy,
            ObjectsJson.Default.ObjectListNetworkPolicy
        );

    /// <summary>apps/v1 Deployment.</summary>
    public static Resource<Deployment> Deployments { get; } =
        new(
            "apps",
            "v1",
            "deployments",
            "Deployment",
            true,
            ObjectsJson.Default.Deployment,
            ObjectsJson.Default.ObjectListDeployment
        );

    /// <summary>apps/v1 ReplicaSet.</summary>
    public static Resource<ReplicaSet> ReplicaSets { get; } =
        new(
            "apps",
            "v1",
            "replicasets",
            "ReplicaSet",
            true,
            ObjectsJson.Default.ReplicaSet,
            ObjectsJson.Default.ObjectListReplicaSet
        );

    /// <summary>apps/v1 DaemonSet.</summary>
    public static Resource<DaemonSet> DaemonSets { get; } =
        new(
            "apps",
            "v1",
            "daemonsets",
            "DaemonSet",
            true,
            ObjectsJson.Default.DaemonSet,
            ObjectsJson.Default.ObjectListDaemonSet
        );

    /// <summary>coordination.k8s.io/v1 Lease.</summary>
    public static Resource<Lease> Leases { get; } =
        new(
            "coordination.k8s.io",
            "v1",
            "leases",
            "Lease",
            true,
            ObjectsJson.Default.Lease,
            ObjectsJson.Default.ObjectListLease
        );

    /// <summary>events.k8s.io/v1 Event.</summary>
    public static Resource<Event> Events { get; } =
        new(
            "events.k8s.io",
            "v1",
            "events",
            "Event",
            true,
            ObjectsJson.Default.Event,
            ObjectsJson.Default.ObjectListEvent
        );

    /// <summary>apiextensions.k8s.io/v1 CustomResourceDefinition.</summary>
    public static Resource<CustomResourceDefinition> CustomResourceDefinitions { get; } =
        new(
            "apiextensions.k8s.io",
            "v1",
            "customresourcedefinitions",
            "CustomResourceDefinition",
            false,
            ObjectsJson.Default.CustomResourceDefinition,
            ObjectsJson.Default.ObjectListCustomResourceDefinition
        );
}
