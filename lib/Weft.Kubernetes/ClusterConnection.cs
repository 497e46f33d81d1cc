using k8s;

namespace Weft.Kubernetes;

/// <summary>Where an API server is and how to be let in.</summary>
public sealed record ClusterConnection
{
    /// <summary>Base address, such as https://10.0.0.1:6443.</summary>
    public required Uri Server { get; init; }

    /// <summary>Namespace of the context or of the pod; null when there is none.</summary>
    public string? Namespace { get; init; }

    internal KubernetesClientConfiguration Configuration { get; init; } = new();

    /// <summary>From a kubeconfig file; null: the files of KUBECONFIG, or ~/.kube/config.</summary>
    public static ClusterConnection FromKubeconfig(string? path = null, string? context = null) =>
        Of(KubernetesClientConfiguration.BuildConfigFromConfigFile(path, context));

    /// <summary>From the service account of this pod.</summary>
    public static ClusterConnection InCluster() => Of(KubernetesClientConfiguration.InClusterConfig());

    /// <summary>From the file that is given; else in-cluster; else from the kubeconfig kubectl would use.</summary>
    public static ClusterConnection Find(string? kubeconfig = null) =>
        kubeconfig is null && KubernetesClientConfiguration.IsInCluster() ? InCluster() : FromKubeconfig(kubeconfig);

    private static ClusterConnection Of(KubernetesClientConfiguration configuration) =>
        new()
        {
            Server = new Uri(configuration.Host),
            Namespace = configuration.Namespace,
            Configuration = configuration,
        };
}
