using Weft.Net;

namespace Weft.Services.Frontends;

/// <summary>Judges single connections as the datapath does, which looks up the same frontends in the same order.</summary>
public static class ServiceJudge
{
    /// <summary>What becomes of a new connection; null when it is for no Service and takes its way as it is.</summary>
    /// <param name="find">Frontends by key.</param>
    /// <param name="serviceRanges">What ClusterIPs are taken from.</param>
    /// <param name="source">Where the client is.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="destination">What it asks for.</param>
    public static ServiceVerdict? Judge(
        Func<TransportAddress, Frontend?> find,
        IEnumerable<Prefix> serviceRanges,
        Source source,
        Ip client,
        TransportAddress destination
    )
    {
        if (destination.Address.IsLoopback && source != Source.Node)
        {
            return null;
        }

        if (find(destination) is not { } frontend)
        {
            return find(TransportAddress.Rest(destination.Address)) is { } rest
                    ? None(ServiceAction.Reject, $"{rest.Port.Service} has no port {destination.Port}", rest)
                : serviceRanges.Any(range => range.Contains(destination.Address))
                    ? None(ServiceAction.Drop, $"no Service has the ClusterIP {destination.Address}", null)
                : null;
        }

        var selection = frontend.For(source);
        if (selection.Action == ServiceAction.Reject)
        {
            return None(selection.Action, $"{frontend.Port} has no endpoints", frontend);
        }

        if (!frontend.Admits(client))
        {
            return None(ServiceAction.Drop, $"{client} is in none of the source ranges of {frontend.Port}", frontend);
        }

        if (selection.Action == ServiceAction.Drop)
        {
            return None(selection.Action, $"{frontend.Port} has endpoints, and none on this node", frontend);
        }

        var backends = selection.Backends.Backends;
        return new ServiceVerdict(
            ServiceAction.Forward,
            $"{frontend.Port}: {backends.Count} endpoints, traffic policy {selection.Backends.Key.Policy}",
            frontend,
            backends,
            (frontend.Masquerade & source) != 0
        );
    }

    private static ServiceVerdict None(ServiceAction action, string reason, Frontend? frontend) =>
        new(action, reason, frontend, [], false);
}
