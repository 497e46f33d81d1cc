using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services;

namespace Weft.Tests.Unit.Services;

/// <summary>
/// Services judged straight from the words of their API's documentation, for each connection anew: slow, and without
/// lists, numbers, tables or a past, so that a mistake of the engine is unlikely to be one of its own.
/// </summary>
internal sealed class NaiveServices(LocalNode node, List<Service> services, List<EndpointSlice> slices)
{
    /// <summary>In the words of <see cref="ServiceWorld.Flow"/>.</summary>
    public string Flow(string source, Ip client, TransportAddress to)
    {
        var hits = (
            from service in services
            where IsServed(service)
            from port in service.Spec!.Ports!
            where Transports.Parse(port.Protocol) == to.Protocol
            from kind in KindsOf(service, port, to)
            orderby kind, service.Metadata.CreationTimestamp, $"test/{service.Metadata.Name}"
            select (service, port, kind)
        ).ToList();
        if (hits.Count > 0)
        {
            return Answer(source, client, hits[0].service, hits[0].port, hits[0].kind, to.Address.IsV4);
        }

        return services.Any(service => IsServed(service) && ClusterIPs(service).Contains(to.Address)) ? "REJECT"
            : node.ServiceRanges.Any(range => range.Contains(to.Address)) ? "DROP"
            : "none";
    }

    private static bool IsServed(Service service) =>
        service.Spec!.Type != "ExternalName"
        && service.Spec.ClusterIP is not ("None" or "" or null)
        && service.Metadata.Labels?.ContainsKey("service.kubernetes.io/service-proxy-name") != true;

    private static IEnumerable<Ip> ClusterIPs(Service service) => service.Spec!.ClusterIPs!.Select(Ip.Parse);

    /// <summary>1 ClusterIP, 2 NodePort, 3 load balancer, 4 external IP: the order in which rivals get an address.</summary>
    private IEnumerable<int> KindsOf(Service service, ServicePort port, TransportAddress to)
    {
        var spec = service.Spec!;
        if (ClusterIPs(service).All(address => address.IsV4 != to.Address.IsV4))
        {
            yield break;
        }

        if (port.Port == to.Port && ClusterIPs(service).Contains(to.Address))
        {
            yield return 1;
        }

        if (
            spec.Type is "NodePort" or "LoadBalancer"
            && port.NodePort == to.Port
            && node.NodePortAddresses.Contains(to.Address)
        )
        {
            yield return 2;
        }

        if (
            port.Port == to.Port
            && spec.Type == "LoadBalancer"
            && service.Status!.LoadBalancer!.Ingress!.Any(ingress =>
                ingress.IpMode != "Proxy" && Ip.Parse(ingress.Ip!) == to.Address
            )
        )
        {
            yield return 3;
        }

        if (port.Port == to.Port && (spec.ExternalIPs ?? []).Select(Ip.Parse).Contains(to.Address))
        {
            yield return 4;
        }
    }

    private string Answer(string source, Ip client, Service service, ServicePort port, int kind, bool isV4)
    {
        var spec = service.Spec!;
        var endpoints = Endpoints(service, port, isV4);
        if (!endpoints.Any(Ready) && !endpoints.Any(Fallback))
        {
            return "REJECT";
        }

        if (kind == 3 && !InRange(service, client))
        {
            return "DROP";
        }

        var isLocal =
            kind == 1
                ? spec.InternalTrafficPolicy == "Local"
                : spec.ExternalTrafficPolicy == "Local" && source == "external";
        var candidates = isLocal
            ? endpoints.Where(endpoint => endpoint.Endpoint.NodeName == node.Name).ToList()
            : endpoints;
        var used = candidates.Where(Ready).ToList();
        if (used.Count == 0)
        {
            used = candidates.Where(Fallback).ToList();
        }
        else if (!isLocal)
        {
            used = Hinted(used);
        }

        if (used.Count == 0)
        {
            return "DROP";
        }

        var masquerade =
            kind == 1 ? source != "pod"
            : spec.ExternalTrafficPolicy == "Local" ? source == "node"
            : true;
        return string.Join(
                ' ',
                used.Select(endpoint => endpoint.Key).Order().Select(key => $"{key.Address}:{key.Port}")
            ) + (masquerade ? " masq" : "");
    }

    private List<(TransportAddress Key, Endpoint Endpoint)> Hinted(
        List<(TransportAddress Key, Endpoint Endpoint)> ready
    )
    {
        var byNode = ready.Where(endpoint => Names(endpoint.Endpoint.Hints?.ForNodes).Contains(node.Name)).ToList();
        if (byNode.Count > 0 && ready.All(endpoint => Names(endpoint.Endpoint.Hints?.ForNodes).Any()))
        {
            return byNode;
        }

        var byZone = ready.Where(endpoint => Names(endpoint.Endpoint.Hints?.ForZones).Contains(node.Zone)).ToList();
        return byZone.Count > 0 && ready.All(endpoint => Names(endpoint.Endpoint.Hints?.ForZones).Any())
            ? byZone
            : ready;

        static IEnumerable<string?> Names(IReadOnlyList<ForName>? hints) => (hints ?? []).Select(hint => hint.Name);
    }

    private bool InRange(Service service, Ip client)
    {
        var texts = service.Spec!.LoadBalancerSourceRanges ?? [];
        var ranges = texts.Select(Prefix.Parse).Where(range => range.IsV4 == client.IsV4).ToList();
        return ranges.Count == 0
            || ranges.Any(range => range.Length == 0 || range.Contains(client))
            || (
                service.Status!.LoadBalancer!.Ingress!.Any(ingress => Ip.Parse(ingress.Ip!) == client)
                && node.Addresses.Any(own => ranges.Any(range => range.Contains(own)))
            );
    }

    /// <summary>The slices' names decide between two that say different things of one address.</summary>
    private List<(TransportAddress Key, Endpoint Endpoint)> Endpoints(Service service, ServicePort port, bool isV4) =>
        [
            .. (
                from slice in slices
                where slice.Metadata.Labels!["kubernetes.io/service-name"] == service.Metadata.Name
                where slice.AddressType == (isV4 ? "IPv4" : "IPv6")
                orderby slice.Metadata.Name
                from own in slice.Ports!
                where own.Name == port.Name && own.Protocol == port.Protocol
                from endpoint in slice.Endpoints!
                select (
                    Key: new TransportAddress(
                        Ip.Parse(endpoint.Addresses![0]),
                        (ushort)own.Port!.Value,
                        Transports.Parse(own.Protocol)!.Value
                    ),
                    Endpoint: endpoint
                )
            )
                .GroupBy(endpoint => endpoint.Key)
                .Select(same =>
                    same.OrderBy(endpoint => endpoint.Endpoint.Conditions!.Terminating).ThenByDescending(Ready).First()
                ),
        ];

    private static bool Ready((TransportAddress Key, Endpoint Endpoint) endpoint) =>
        endpoint.Endpoint.Conditions!.Ready!.Value;

    private static bool Fallback((TransportAddress Key, Endpoint Endpoint) endpoint) =>
        endpoint.Endpoint.Conditions!.Serving!.Value && endpoint.Endpoint.Conditions.Terminating!.Value;
}
