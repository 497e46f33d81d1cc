using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects;

namespace Weft.Resources;

/// <summary>What other nodes need to route to this one. It has the name of its Node, and belongs to it.</summary>
public sealed record WeftNode : KubernetesObject
{
    /// <summary>Where the node and its pods are.</summary>
    public WeftNodeSpec? Spec { get; init; }

    /// <summary>How the node is.</summary>
    public WeftNodeStatus? Status { get; init; }
}

/// <summary>Where a node and its pods are.</summary>
public sealed record WeftNodeSpec
{
    /// <summary>Prefixes of the node's pods, host bits clear. The operator's to write.</summary>
    [JsonPropertyName("podCIDRs")]
    public IReadOnlyList<string>? PodCidrs { get; init; }

    /// <summary>Underlay addresses; the first of each family ends tunnels. The agent's to write.</summary>
    public IReadOnlyList<string>? Addresses { get; init; }

    /// <summary>"vxlan" or "native"; all nodes must have the same. The agent's to write.</summary>
    public string? RoutingMode { get; init; }
}

/// <summary>How a node is.</summary>
public sealed record WeftNodeStatus
{
    /// <summary>Type of the agent's condition: it serves.</summary>
    public const string Ready = "Ready";

    /// <summary>Type of the operator's condition: the node has its prefixes.</summary>
    public const string PodCidrsAllocated = "PodCIDRsAllocated";

    /// <summary>By type.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }

    /// <summary>Version of the agent that wrote last.</summary>
    public string? AgentVersion { get; init; }
}
