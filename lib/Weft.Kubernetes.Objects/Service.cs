using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>core/v1 Service.</summary>
public sealed record Service : KubernetesObject
{
    /// <summary>Addresses, ports and selector.</summary>
    public ServiceSpec? Spec { get; init; }

    /// <summary>Addresses of the load balancer.</summary>
    public ServiceStatus? Status { get; init; }
}

/// <summary>Desired state of a service.</summary>
public sealed record ServiceSpec
{
    /// <summary>ClusterIP (default), NodePort, LoadBalancer or ExternalName.</summary>
    public string? Type { get; init; }

    /// <summary>Labels of its pods; null when somebody else writes its slices.</summary>
    public IReadOnlyDictionary<string, string>? Selector { get; init; }

    /// <summary>Ports.</summary>
    public IReadOnlyList<ServicePort>? Ports { get; init; }

    /// <summary>First virtual address, or "None".</summary>
    [JsonPropertyName("clusterIP")]
    public string? ClusterIP { get; init; }

    /// <summary>Virtual addresses, one of each family.</summary>
    [JsonPropertyName("clusterIPs")]
    public IReadOnlyList<string>? ClusterIPs { get; init; }

    /// <summary>IPv4, IPv6.</summary>
    [JsonPropertyName("ipFamilies")]
    public IReadOnlyList<string>? IpFamilies { get; init; }

    /// <summary>SingleStack, PreferDualStack or RequireDualStack.</summary>
    [JsonPropertyName("ipFamilyPolicy")]
    public string? IpFamilyPolicy { get; init; }

    /// <summary>Addresses that somebody routes to the nodes.</summary>
    [JsonPropertyName("externalIPs")]
    public IReadOnlyList<string>? ExternalIPs { get; init; }

    /// <summary>Name that DNS answers with.</summary>
    public string? ExternalName { get; init; }

    /// <summary>Cluster (default) or Local.</summary>
    public string? ExternalTrafficPolicy { get; init; }

    /// <summary>Cluster (default) or Local.</summary>
    public string? InternalTrafficPolicy { get; init; }

    /// <summary>PreferClose …</summary>
    public string? TrafficDistribution { get; init; }

    /// <summary>Port where nodes say whether they have endpoints.</summary>
    public int? HealthCheckNodePort { get; init; }

    /// <summary>None (default) or ClientIP.</summary>
    public string? SessionAffinity { get; init; }

    /// <summary>How long affinity lasts.</summary>
    public SessionAffinityConfig? SessionAffinityConfig { get; init; }

    /// <summary>Whether pods that are not ready count.</summary>
    public bool? PublishNotReadyAddresses { get; init; }

    /// <summary>The address that the load balancer is to have.</summary>
    [JsonPropertyName("loadBalancerIP")]
    public string? LoadBalancerIP { get; init; }

    /// <summary>Who makes the load balancer.</summary>
    public string? LoadBalancerClass { get; init; }

    /// <summary>Prefixes that may use it.</summary>
    public IReadOnlyList<string>? LoadBalancerSourceRanges { get; init; }

    /// <summary>Whether a load balancer has node ports; true by default.</summary>
    public bool? AllocateLoadBalancerNodePorts { get; init; }
}

/// <summary>core/v1 ServicePort.</summary>
public sealed record ServicePort
{
    /// <summary>Name; slices have the same.</summary>
    public string? Name { get; init; }

    /// <summary>TCP (default), UDP or SCTP.</summary>
    public string? Protocol { get; init; }

    /// <summary>Protocol above.</summary>
    public string? AppProtocol { get; init; }

    /// <summary>Port of the service.</summary>
    public int Port { get; init; }

    /// <summary>Port of the pods: a number, or a container port's name.</summary>
    public IntOrString? TargetPort { get; init; }

    /// <summary>Port of all nodes.</summary>
    public int? NodePort { get; init; }
}

/// <summary>core/v1 SessionAffinityConfig.</summary>
public sealed record SessionAffinityConfig
{
    /// <summary>For affinity to the client's address.</summary>
    [JsonPropertyName("clientIP")]
    public ClientIPConfig? ClientIP { get; init; }
}

/// <summary>core/v1 ClientIPConfig.</summary>
public sealed record ClientIPConfig
{
    /// <summary>10800 by default.</summary>
    public int? TimeoutSeconds { get; init; }
}

/// <summary>State of a service.</summary>
public sealed record ServiceStatus
{
    /// <summary>Its load balancer.</summary>
    public LoadBalancerStatus? LoadBalancer { get; init; }

    /// <summary>Conditions.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

/// <summary>core/v1 LoadBalancerStatus.</summary>
public sealed record LoadBalancerStatus
{
    /// <summary>Where it listens.</summary>
    public IReadOnlyList<LoadBalancerIngress>? Ingress { get; init; }
}

/// <summary>core/v1 LoadBalancerIngress.</summary>
public sealed record LoadBalancerIngress
{
    /// <summary>Address.</summary>
    public string? Ip { get; init; }

    /// <summary>Name.</summary>
    public string? Hostname { get; init; }

    /// <summary>VIP or Proxy.</summary>
    [JsonPropertyName("ipMode")]
    public string? IpMode { get; init; }
}
