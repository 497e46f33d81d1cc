using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services.Frontends;

namespace Weft.Services.Reading;

/// <summary>What counts of a Service. Two versions of one that differ otherwise only are equal.</summary>
/// <param name="Key">Namespace and name.</param>
/// <param name="Created">When: of two rivals the older wins.</param>
/// <param name="Families">What it has in each address family that it has a ClusterIP in.</param>
/// <param name="Ports">Its ports.</param>
/// <param name="InternalLocal">Whether <c>internalTrafficPolicy</c> is Local.</param>
/// <param name="ExternalLocal">Whether <c>externalTrafficPolicy</c> is Local, on a Service that has a use for it.</param>
/// <param name="AffinitySeconds">0 without affinity.</param>
/// <param name="HealthCheckNodePort">0 without one.</param>
/// <param name="Problems">What was left out.</param>
internal sealed record ServiceRules(
    ObjectKey Key,
    DateTimeOffset Created,
    ValueList<ServiceFamily> Families,
    ValueList<RulesPort> Ports,
    bool InternalLocal,
    bool ExternalLocal,
    uint AffinitySeconds,
    ushort HealthCheckNodePort,
    ValueList<ServiceProblem> Problems
);

/// <summary>A Service's addresses in one family.</summary>
/// <param name="ClusterIP">Its ClusterIP.</param>
/// <param name="External">Addresses of its load balancer and its external IPs.</param>
/// <param name="SourceRanges">Who may use the load balancer's addresses; null for everybody.</param>
internal sealed record ServiceFamily(Ip ClusterIP, ValueList<ExternalAddress> External, ValueList<Prefix>? SourceRanges)
{
    public bool IsV4 => ClusterIP.IsV4;
}

/// <summary>An address for clients outside of the cluster.</summary>
internal readonly record struct ExternalAddress(FrontendKind Kind, Ip Address);

/// <summary>A port of a Service.</summary>
/// <param name="Name">Empty when it has none.</param>
/// <param name="Protocol">Its protocol.</param>
/// <param name="Number">The port at the Service's addresses.</param>
/// <param name="NodePort">0 without one.</param>
internal readonly record struct RulesPort(string Name, Transport Protocol, ushort Number, ushort NodePort);
