using Weft.Kubernetes.Objects;

namespace Weft.Resources;

/// <summary>Addresses for Services of type LoadBalancer. The network has to route them to the nodes.</summary>
public sealed record WeftLoadBalancerPool : KubernetesObject
{
    /// <summary>Most prefixes of one pool.</summary>
    public const int MostCidrs = 64;

    /// <summary>The <c>loadBalancerClass</c> that is Weft's; Services without one are, too, if a pool is for them.</summary>
    public const string Class = $"{WeftGroup.Name}/pool";

    /// <summary>Annotation of a Service: the addresses that it wants, at most one of each family, with a comma in between.</summary>
    public const string AddressesAnnotation = $"{WeftGroup.Name}/load-balancer-addresses";

    /// <summary>Annotation of a Service: it may have an address together with others of the same key and other ports.</summary>
    public const string SharingAnnotation = $"{WeftGroup.Name}/load-balancer-sharing-key";

    /// <summary>Type of the condition of a Service that it has all the addresses it wants.</summary>
    public const string Allocated = $"{WeftGroup.Name}/LoadBalancerAllocated";

    /// <summary>What a person wants.</summary>
    public required WeftLoadBalancerPoolSpec Spec { get; init; }

    /// <summary>What became of it.</summary>
    public WeftLoadBalancerPoolStatus? Status { get; init; }
}

/// <summary>What a person wants of a pool.</summary>
public sealed record WeftLoadBalancerPoolSpec
{
    /// <summary>Prefixes, IPv4 or IPv6, host bits clear; every address of them is given.</summary>
    public required IReadOnlyList<string> Cidrs { get; init; }

    /// <summary>The Services that may have addresses of it; null for all.</summary>
    public LabelSelector? ServiceSelector { get; init; }
}

/// <summary>What became of a pool.</summary>
public sealed record WeftLoadBalancerPoolStatus
{
    /// <summary>Type of the condition that all prefixes can be used.</summary>
    public const string Ready = "Ready";

    /// <summary>Addresses that Services have.</summary>
    public int? Used { get; init; }

    /// <summary>By type.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}
