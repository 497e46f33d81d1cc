using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects.Compact;

namespace Weft.Kubernetes.Objects;

/// <summary>discovery.k8s.io/v1 EndpointSlice.</summary>
public sealed record EndpointSlice : KubernetesObject
{
    /// <summary>IPv4, IPv6 or FQDN.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public required string AddressType { get; init; }

    /// <summary>At most 1000.</summary>
    public IReadOnlyList<Endpoint>? Endpoints { get; init; }

    /// <summary>Ports that all of them have.</summary>
    public IReadOnlyList<EndpointPort>? Ports { get; init; }
}

/// <summary>discovery.k8s.io/v1 Endpoint.</summary>
public sealed record Endpoint
{
    /// <summary>Addresses of one endpoint; consumers use the first.</summary>
    public IReadOnlyList<string>? Addresses { get; init; }

    /// <summary>Whether to use it.</summary>
    public EndpointConditions? Conditions { get; init; }

    /// <summary>Host name.</summary>
    public string? Hostname { get; init; }

    /// <summary>Its pod.</summary>
    public ObjectReference? TargetRef { get; init; }

    /// <summary>Its node.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? NodeName { get; init; }

    /// <summary>Its zone.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string? Zone { get; init; }

    /// <summary>Who should use it.</summary>
    public EndpointHints? Hints { get; init; }

    /// <summary>Topology of old versions.</summary>
    public IReadOnlyDictionary<string, string>? DeprecatedTopology { get; init; }
}

/// <summary>discovery.k8s.io/v1 EndpointConditions; null means unknown, which ready and serving take for true.</summary>
public sealed record EndpointConditions
{
    /// <summary>Serving and not terminating.</summary>
    public bool? Ready { get; init; }

    /// <summary>Passes its readiness checks.</summary>
    public bool? Serving { get; init; }

    /// <summary>Has a deletion timestamp.</summary>
    public bool? Terminating { get; init; }
}

/// <summary>discovery.k8s.io/v1 EndpointHints.</summary>
public sealed record EndpointHints
{
    /// <summary>Zones that should use it.</summary>
    public IReadOnlyList<ForName>? ForZones { get; init; }

    /// <summary>Nodes that should use it.</summary>
    public IReadOnlyList<ForName>? ForNodes { get; init; }
}

/// <summary>discovery.k8s.io/v1 ForZone and ForNode.</summary>
public sealed record ForName
{
    /// <summary>Zone or node.</summary>
    public required string Name { get; init; }
}

/// <summary>discovery.k8s.io/v1 EndpointPort.</summary>
public sealed record EndpointPort
{
    /// <summary>Name of the service's port.</summary>
    public string? Name { get; init; }

    /// <summary>TCP (default), UDP or SCTP.</summary>
    public string? Protocol { get; init; }

    /// <summary>Port; null means all.</summary>
    public int? Port { get; init; }

    /// <summary>Protocol above.</summary>
    public string? AppProtocol { get; init; }
}
