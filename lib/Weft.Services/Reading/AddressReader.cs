using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services.Frontends;

namespace Weft.Services.Reading;

/// <summary>Sorts a Service's addresses by family. It is served in those families that it has a ClusterIP in.</summary>
internal static class AddressReader
{
    public static ValueList<ServiceFamily> Read(Service service, ServiceSpec spec, LocalNode node, ProblemList problems)
    {
        var clusterIPs = ClusterIPs(spec, node, problems);
        var external = Parse(FrontendKind.LoadBalancer, LoadBalancerIPs(service, spec), problems)
            .Concat(Parse(FrontendKind.ExternalIP, spec.ExternalIPs ?? [], problems))
            .ToList();
        foreach (var (kind, address) in external)
        {
            if (clusterIPs.All(clusterIP => clusterIP.IsV4 != address.IsV4))
            {
                problems.Add(
                    "WrongAddressFamily",
                    $"{Name(kind)} {address} is not served: the Service has no ClusterIP of this family"
                );
            }
        }

        var ranges = spec.LoadBalancerSourceRanges is { Count: > 0 } texts ? Ranges(texts, problems) : null;
        return
        [
            .. clusterIPs.Select(clusterIP =>
            {
                var ours = external.Where(address => address.Address.IsV4 == clusterIP.IsV4).ToList();
                return new ServiceFamily(clusterIP, [.. ours], RangesFor(clusterIP.IsV4, ranges, ours, node));
            }),
        ];
    }

    private static string Name(FrontendKind kind) =>
        kind == FrontendKind.LoadBalancer ? "load balancer IP" : "external IP";

    private static List<Ip> ClusterIPs(ServiceSpec spec, LocalNode node, ProblemList problems)
    {
        var clusterIPs = new List<Ip>();
        foreach (var text in spec.ClusterIPs is { Count: > 0 } all ? all : [spec.ClusterIP!])
        {
            if (!Ip.TryParse(text, out var address) || clusterIPs.Any(other => other.IsV4 == address.IsV4))
            {
                problems.Add(
                    "InvalidClusterIP",
                    $"ClusterIP \"{text}\" is not served: there is to be one address of each family"
                );
            }
            else if (!node.HasFamilyOf(address))
            {
                problems.Add(
                    "WrongAddressFamily",
                    $"ClusterIP {address} is not served: the cluster's pods have no {(address.IsV4 ? "IPv4" : "IPv6")}"
                );
            }
            else
            {
                clusterIPs.Add(address);
            }
        }

        return clusterIPs;
    }

    /// <summary>Traffic for an address with ipMode Proxy has to pass the load balancer: it is none of ours.</summary>
    private static IEnumerable<string> LoadBalancerIPs(Service service, ServiceSpec spec) =>
        spec.Type == "LoadBalancer"
            ? (service.Status?.LoadBalancer?.Ingress ?? [])
                .Where(ingress => ingress.IpMode is null or "VIP" && !string.IsNullOrEmpty(ingress.Ip))
                .Select(ingress => ingress.Ip!)
            : [];

    private static IEnumerable<ExternalAddress> Parse(
        FrontendKind kind,
        IEnumerable<string> texts,
        ProblemList problems
    )
    {
        foreach (var text in texts.Distinct())
        {
            if (Ip.TryParse(text, out var address))
            {
                yield return new ExternalAddress(kind, address);
            }
            else
            {
                problems.Add("InvalidAddress", $"{Name(kind)} \"{text}\" is not served: it is not an address");
            }
        }
    }

    private static List<Prefix> Ranges(IReadOnlyList<string> texts, ProblemList problems)
    {
        var ranges = new List<Prefix>();
        foreach (var text in texts)
        {
            // The API server lets spaces around them through.
            if (Prefix.TryParse(text.Trim(), out var range))
            {
                ranges.Add(range.Network);
            }
            else
            {
                problems.Add(
                    "InvalidSourceRange",
                    $"source range \"{text}\" lets nobody in: write a prefix such as 192.0.2.0/24"
                );
            }
        }

        return ranges;
    }

    /// <summary>
    /// A family without a range of its own is open when the other family has one, as in kube-proxy. If no range can be
    /// read at all, both are closed.
    /// </summary>
    private static ValueList<Prefix>? RangesFor(
        bool isV4,
        List<Prefix>? all,
        List<ExternalAddress> external,
        LocalNode node
    )
    {
        var ranges = all?.Where(range => range.IsV4 == isV4).ToList();
        if (ranges is null || (ranges.Count == 0 && all!.Count > 0) || ranges.Any(range => range.Length == 0))
        {
            return null;
        }

        // Where the load balancer's address is one of the node's own too, the node comes from it.
        if (node.Addresses.Any(address => ranges.Any(range => range.Contains(address))))
        {
            ranges.AddRange(
                external
                    .Where(address => address.Kind == FrontendKind.LoadBalancer)
                    .Select(address => address.Address.ToPrefix())
            );
        }

        return [.. ranges.Distinct()];
    }
}
