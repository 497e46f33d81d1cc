using Weft.Net;
using Weft.Services.Backends;
using Weft.Services.Endpoints;

namespace Weft.Services;

/// <summary>What the engine holds of a Service's port in one family.</summary>
/// <param name="Key">The port.</param>
/// <param name="Number">Its number.</param>
/// <param name="Endpoints">All endpoints, those that are not used among them, by address.</param>
/// <param name="Cluster">The list of the traffic policy Cluster, if a frontend uses it.</param>
/// <param name="Local">The list of the traffic policy Local, if a frontend uses it.</param>
internal sealed record PortState(
    ServicePortKey Key,
    uint Number,
    ValueList<PortEndpoint> Endpoints,
    BackendList? Cluster,
    BackendList? Local
)
{
    /// <summary>Whether some node could serve a new connection.</summary>
    public bool HasAny { get; } = Endpoints.Any(endpoint => endpoint.Endpoint.Ready || endpoint.Endpoint.IsFallback);

    /// <summary>Endpoints that flows may stay with; only UDP's flows are asked about.</summary>
    public IReadOnlySet<TransportAddress> Serving { get; } =
        Key.Protocol == Transport.Udp
            ? Endpoints.Where(endpoint => endpoint.Endpoint.Serving).Select(endpoint => endpoint.Key).ToHashSet()
            : new HashSet<TransportAddress>();

    public IEnumerable<BackendList> Lists => new[] { Cluster, Local }.OfType<BackendList>();

    public BackendList? Find(TrafficPolicy policy) => policy == TrafficPolicy.Cluster ? Cluster : Local;

    /// <summary>Whether flows that may have stayed with their backend until now may have to end.</summary>
    public bool EndsFlowsOf(PortState old) =>
        Serving.Count > 0 && (old.Serving.Count == 0 || !old.Serving.IsSubsetOf(Serving));
}
