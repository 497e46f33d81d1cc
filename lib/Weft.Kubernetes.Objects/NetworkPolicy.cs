using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>networking.k8s.io/v1 NetworkPolicy.</summary>
public sealed record NetworkPolicy : KubernetesObject
{
    /// <summary>Who is policed, and what they may.</summary>
    public NetworkPolicySpec? Spec { get; init; }
}

/// <summary>networking.k8s.io/v1 NetworkPolicySpec.</summary>
public sealed record NetworkPolicySpec
{
    /// <summary>Pods of the namespace; empty selects all of them.</summary>
    public LabelSelector? PodSelector { get; init; }

    /// <summary>Ingress, Egress; null means Ingress, and Egress too when there are egress rules.</summary>
    public IReadOnlyList<string>? PolicyTypes { get; init; }

    /// <summary>What may come in.</summary>
    public IReadOnlyList<NetworkPolicyIngressRule>? Ingress { get; init; }

    /// <summary>What may go out.</summary>
    public IReadOnlyList<NetworkPolicyEgressRule>? Egress { get; init; }
}

/// <summary>Peers that may send to ports.</summary>
public sealed record NetworkPolicyIngressRule
{
    /// <summary>Null or empty means everybody.</summary>
    public IReadOnlyList<NetworkPolicyPeer>? From { get; init; }

    /// <summary>Null or empty means all ports.</summary>
    public IReadOnlyList<NetworkPolicyPort>? Ports { get; init; }
}

/// <summary>Peers and their ports that may be sent to.</summary>
public sealed record NetworkPolicyEgressRule
{
    /// <summary>Null or empty means everybody.</summary>
    public IReadOnlyList<NetworkPolicyPeer>? To { get; init; }

    /// <summary>Null or empty means all ports.</summary>
    public IReadOnlyList<NetworkPolicyPort>? Ports { get; init; }
}

/// <summary>Pods by selectors, or addresses.</summary>
public sealed record NetworkPolicyPeer
{
    /// <summary>Pods of the namespaces selected, or of the policy's own.</summary>
    public LabelSelector? PodSelector { get; init; }

    /// <summary>Namespaces.</summary>
    public LabelSelector? NamespaceSelector { get; init; }

    /// <summary>Addresses.</summary>
    [JsonPropertyName("ipBlock")]
    public IPBlock? IpBlock { get; init; }
}

/// <summary>networking.k8s.io/v1 IPBlock.</summary>
public sealed record IPBlock
{
    /// <summary>Prefix.</summary>
    public required string Cidr { get; init; }

    /// <summary>Prefixes within it that do not count.</summary>
    public IReadOnlyList<string>? Except { get; init; }
}

/// <summary>networking.k8s.io/v1 NetworkPolicyPort.</summary>
public sealed record NetworkPolicyPort
{
    /// <summary>TCP (default), UDP or SCTP.</summary>
    public string? Protocol { get; init; }

    /// <summary>Number or name; null means all.</summary>
    public IntOrString? Port { get; init; }

    /// <summary>Last port of a range that begins at the number.</summary>
    public int? EndPort { get; init; }
}
