using Weft.Kubernetes.Objects;

namespace Weft.Resources;

/// <summary>
/// Some of a node's pods, written by its agent, so that the other nodes read tens of objects instead of thousands of
/// pods. Named "NODE-N", labelled <see cref="WeftGroup.NodeLabel"/>, owned by the WeftNode.
/// </summary>
public sealed record WeftEndpointSlice : KubernetesObject
{
    /// <summary>Most endpoints of one slice; as many as an EndpointSlice of Kubernetes has by default.</summary>
    public const int Capacity = 100;

    /// <summary>The node.</summary>
    public required string NodeName { get; init; }

    /// <summary>At most <see cref="Capacity"/> of its pods.</summary>
    public required IReadOnlyList<WeftEndpoint> Endpoints { get; init; }
}

/// <summary>A pod on the network.</summary>
public sealed record WeftEndpoint
{
    /// <summary>The pod's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The pod's name.</summary>
    public required string Pod { get; init; }

    /// <summary>The pod's uid: two pods of one name follow each other.</summary>
    public string? Uid { get; init; }

    /// <summary>Its addresses, one of each family.</summary>
    public required IReadOnlyList<string> Ips { get; init; }

    /// <summary>Number of its identity.</summary>
    public required uint Identity { get; init; }
}
