namespace Weft.Services.Endpoints;

/// <summary>
/// Which endpoints of a port new connections go to. The rules are kube-proxy's: ready ones, else those that terminate
/// and still serve, worked out for each traffic policy on its own; hints only for the policy Cluster.
/// </summary>
/// <param name="Cluster">For the traffic policy Cluster.</param>
/// <param name="Local">For the traffic policy Local.</param>
internal sealed record EndpointChoice(IReadOnlyList<PortEndpoint> Cluster, IReadOnlyList<PortEndpoint> Local)
{
    public static EndpointChoice Of(IReadOnlyList<PortEndpoint> endpoints, LocalNode node)
    {
        var ready = endpoints.Where(endpoint => endpoint.Endpoint.Ready).ToList();
        return new EndpointChoice(
            ready.Count > 0 ? Hinted(ready, node) : Fallback(endpoints),
            OrFallback([.. endpoints.Where(endpoint => endpoint.Endpoint.NodeName == node.Name)])
        );
    }

    private static List<PortEndpoint> OrFallback(List<PortEndpoint> endpoints)
    {
        var ready = endpoints.Where(endpoint => endpoint.Endpoint.Ready).ToList();
        return ready.Count > 0 ? ready : Fallback(endpoints);
    }

    private static List<PortEndpoint> Fallback(IEnumerable<PortEndpoint> endpoints) =>
        [.. endpoints.Where(endpoint => endpoint.Endpoint.IsFallback)];

    /// <summary>
    /// Hints, <c>trafficDistribution</c>'s among them, hold if every ready endpoint has one and one is for us: by node
    /// first, then by zone. Otherwise they are not complete, and no endpoint may be left without anybody who uses it.
    /// </summary>
    private static List<PortEndpoint> Hinted(List<PortEndpoint> ready, LocalNode node) =>
        HintedFor(ready, node.Name, endpoint => endpoint.NodeHints)
        ?? HintedFor(ready, node.Zone, endpoint => endpoint.ZoneHints)
        ?? ready;

    private static List<PortEndpoint>? HintedFor(
        List<PortEndpoint> ready,
        string? name,
        Func<ServiceEndpoint, ValueList<string>> hints
    )
    {
        if (string.IsNullOrEmpty(name) || ready.Any(endpoint => hints(endpoint.Endpoint).Count == 0))
        {
            return null;
        }

        var ours = ready.Where(endpoint => hints(endpoint.Endpoint).Contains(name)).ToList();
        return ours.Count > 0 ? ours : null;
    }
}
