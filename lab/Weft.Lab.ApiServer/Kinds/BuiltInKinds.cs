using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Kinds;

/// <summary>The kinds that are always there. Adding one is adding it here, and its fields to the schemas.</summary>
internal static class BuiltInKinds
{
    private static readonly ScalePaths Replicas = new(".spec.replicas", ".status.replicas", ".spec.selector");

    private static readonly Dictionary<string, string> EventFields = new()
    {
        ["involvedObject.kind"] = "involvedObject.kind",
        ["involvedObject.namespace"] = "involvedObject.namespace",
        ["involvedObject.name"] = "involvedObject.name",
        ["involvedObject.uid"] = "involvedObject.uid",
        ["involvedObject.apiVersion"] = "involvedObject.apiVersion",
        ["involvedObject.resourceVersion"] = "involvedObject.resourceVersion",
        ["involvedObject.fieldPath"] = "involvedObject.fieldPath",
        ["reason"] = "reason",
        ["reportingComponent"] = "reportingComponent",
        ["source"] = "source.component",
        ["type"] = "type",
    };

    public static IReadOnlyList<Kind> All { get; } =
    [
        new("", "v1", "namespaces", "Namespace", false)
        {
            ShortNames = ["ns"],
            HasStatus = true,
            HasDeleteCollection = false,
            NameRule = NameRule.Label,
            SelectableFields = Same("status.phase"),
        },
        new("", "v1", "nodes", "Node", false)
        {
            ShortNames = ["no"],
            HasStatus = true,
            TakesStatusAtCreation = true,
            SelectableFields = Same("spec.unschedulable"),
        },
        new("", "v1", "pods", "Pod", true)
        {
            ShortNames = ["po"],
            Categories = ["all"],
            HasStatus = true,
            HasGeneration = true,
            ReturnsDeleted = true,
            Creations = new Dictionary<string, Creation>
            {
                ["binding"] = new("", "v1", "Binding"),
                ["eviction"] = new("policy", "v1", "Eviction"),
            },
            SelectableFields = Same(
                "spec.nodeName",
                "spec.restartPolicy",
                "spec.schedulerName",
                "spec.serviceAccountName",
                "spec.hostNetwork",
                "status.phase",
                "status.podIP",
                "status.nominatedNodeName"
            ),
        },
        new("", "v1", "services", "Service", true)
        {
            ShortNames = ["svc"],
            Categories = ["all"],
            HasStatus = true,
            ReturnsDeleted = true,
            NameRule = NameRule.ServiceLabel,
            SelectableFields = Same("spec.clusterIP", "spec.type"),
        },
        new("", "v1", "endpoints", "Endpoints", true)
        {
            ShortNames = ["ep"],
            ListName = "EndpointsList",
            AllowsCreateOnUpdate = true,
        },
        new("", "v1", "events", "Event", true)
        {
            ShortNames = ["ev"],
            AllowsCreateOnUpdate = true,
            SelectableFields = EventFields,
        },
        new("", "v1", "configmaps", "ConfigMap", true) { ShortNames = ["cm"] },
        new("", "v1", "secrets", "Secret", true) { SelectableFields = Same("type") },
        new("", "v1", "serviceaccounts", "ServiceAccount", true) { ShortNames = ["sa"], ReturnsDeleted = true },
        new("apps", "v1", "daemonsets", "DaemonSet", true)
        {
            ShortNames = ["ds"],
            Categories = ["all"],
            HasStatus = true,
            HasGeneration = true,
        },
        new("apps", "v1", "deployments", "Deployment", true)
        {
            ShortNames = ["deploy"],
            Categories = ["all"],
            HasStatus = true,
            HasGeneration = true,
            Scale = Replicas,
        },
        new("apps", "v1", "replicasets", "ReplicaSet", true)
        {
            ShortNames = ["rs"],
            Categories = ["all"],
            HasStatus = true,
            HasGeneration = true,
            Scale = Replicas,
            SelectableFields = Same("status.replicas"),
        },
        new("events.k8s.io", "v1", "events", "Event", true)
        {
            Collection = "events",
            ShortNames = ["ev"],
            AllowsCreateOnUpdate = true,
            ViewOf = new Dictionary<string, string>
            {
                ["note"] = "message",
                ["regarding"] = "involvedObject",
                ["reportingController"] = "reportingComponent",
                ["deprecatedSource"] = "source",
                ["deprecatedFirstTimestamp"] = "firstTimestamp",
                ["deprecatedLastTimestamp"] = "lastTimestamp",
                ["deprecatedCount"] = "count",
            },
            SelectableFields = EventFields.ToDictionary(
                field => field.Key.Replace("involvedObject", "regarding", StringComparison.Ordinal),
                field => field.Value
            ),
        },
        new("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true)
        {
            ShortNames = ["netpol"],
            HasGeneration = true,
        },
        new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false)
        {
            ShortNames = ["crd", "crds"],
            Categories = ["api-extensions"],
            HasStatus = true,
            HasGeneration = true,
        },
        new("coordination.k8s.io", "v1", "leases", "Lease", true) { AllowsCreateOnUpdate = true },
        new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true) { HasGeneration = true },
    ];

    private static Dictionary<string, string> Same(params string[] paths) => paths.ToDictionary(path => path);
}
