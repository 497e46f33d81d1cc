namespace Weft.Lab.Controllers;

/// <summary>Labels and annotations with a meaning (Kubernetes' "Well-Known Labels, Annotations and Taints").</summary>
internal static class Labels
{
    public const string PodTemplateHash = "pod-template-hash";
    public const string ControllerRevisionHash = "controller-revision-hash";
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string ServiceName = "kubernetes.io/service-name";
    public const string ManagedBy = "endpointslice.kubernetes.io/managed-by";
    public const string Headless = "service.kubernetes.io/headless";
}
