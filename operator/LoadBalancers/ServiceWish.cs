using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Resources;

namespace Weft.Operator.LoadBalancers;

/// <summary>What a Service of type LoadBalancer wants, and what it has.</summary>
/// <param name="Service">The Service.</param>
/// <param name="IsOurs">It names Weft's class: nobody else gives it an address.</param>
/// <param name="Requested">Addresses that it names.</param>
/// <param name="Current">Addresses in its status.</param>
/// <param name="SharingKey">With whom it shares addresses; null for nobody.</param>
/// <param name="Problem">What makes no sense in it; null when it does.</param>
internal sealed record ServiceWish(
    Service Service,
    bool IsOurs,
    IReadOnlyList<Ip> Requested,
    IReadOnlyList<Ip> Current,
    string? SharingKey,
    string? Problem
)
{
    public ObjectKey Key => ObjectKey.Of(Service);

    /// <summary>One address for each, true standing for IPv4.</summary>
    public IEnumerable<bool> Families =>
        (Service.Spec?.IpFamilies ?? ["IPv4"]).Select(family => family == "IPv4").Distinct();

    /// <summary>Null for a Service that is none of ours.</summary>
    public static ServiceWish? Of(Service service)
    {
        if (
            service.Spec is not { Type: "LoadBalancer" } spec
            || spec.LoadBalancerClass is not (null or WeftLoadBalancerPool.Class)
        )
        {
            return null;
        }

        var requested = Requests(service, out var problem);
        return new ServiceWish(
            service,
            spec.LoadBalancerClass is not null,
            requested,
            Addresses(service),
            Annotation(service, WeftLoadBalancerPool.SharingAnnotation) is { Length: > 0 } key ? key : null,
            problem
        );
    }

    /// <summary>The addresses in a Service's status.</summary>
    public static IReadOnlyList<Ip> Addresses(Service service) =>
        [
            .. (service.Status?.LoadBalancer?.Ingress ?? [])
                .Select(ingress => Ip.TryParse(ingress.Ip, out var ip) ? ip : (Ip?)null)
                .OfType<Ip>(),
        ];

    /// <summary>Whether both may have one address: by a key of both, and no port of both.</summary>
    public bool Shares(ServiceWish other) =>
        SharingKey is not null
        && SharingKey == other.SharingKey
        && !Ports(Service).Intersect(Ports(other.Service)).Any();

    private static List<Ip> Requests(Service service, out string? problem)
    {
        problem = null;
        var requested = new List<Ip>();
        var text = Annotation(service, WeftLoadBalancerPool.AddressesAnnotation) ?? service.Spec!.LoadBalancerIP ?? "";
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Ip.TryParse(part, out var ip))
            {
                problem = $"\"{part}\" is not an address";
            }
            else if (requested.Exists(other => other.IsV4 == ip.IsV4))
            {
                problem =
                    $"{requested.Find(other => other.IsV4 == ip.IsV4)} and {ip} are of one family; name one of each";
            }
            else
            {
                requested.Add(ip);
            }
        }

        return requested;
    }

    private static string? Annotation(Service service, string name) =>
        service.Metadata.Annotations?.GetValueOrDefault(name);

    private static IEnumerable<(int, string)> Ports(Service service) =>
        (service.Spec?.Ports ?? []).Select(port => (port.Port, port.Protocol ?? "TCP"));
}
