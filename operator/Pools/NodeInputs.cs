using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Resources;

namespace Weft.Operator.Pools;

/// <summary>What blocks are planned from, read from objects.</summary>
internal static class NodeInputs
{
    /// <summary>The prefixes a WeftNode says it has, those that are prefixes.</summary>
    public static IReadOnlyList<Prefix> ClaimsOf(WeftNode node) => Prefixes(node.Spec?.PodCidrs);

    /// <summary>Texts as prefixes, those that are.</summary>
    public static IReadOnlyList<Prefix> Prefixes(IReadOnlyList<string>? texts) =>
        [
            .. (texts ?? [])
                .Select(text => Prefix.TryParse(text, out var prefix) ? prefix.Network : (Prefix?)null)
                .OfType<Prefix>(),
        ];

    /// <summary>Addresses that no pod may get.</summary>
    public static IReadOnlyCollection<UsedAddress> UsedAddresses(
        IEnumerable<Node> nodes,
        IEnumerable<Service> services
    ) =>
        [
            .. nodes
                .OrderBy(node => node.Metadata.Name, StringComparer.Ordinal)
                .SelectMany(node => Used($"node {node.Metadata.Name}", AddressesOf(node))),
            .. services
                .OrderBy(service => ObjectKey.Of(service).ToString(), StringComparer.Ordinal)
                .SelectMany(service => Used($"service {ObjectKey.Of(service)}", AddressesOf(service))),
        ];

    /// <summary>True when a plan sees no difference between the two.</summary>
    public static bool Same(Node? a, Node? b) =>
        a is not null
        && b is not null
        && a.Metadata.Uid == b.Metadata.Uid
        && AddressesOf(a).SequenceEqual(AddressesOf(b))
        && (a.Spec?.PodCIDRs ?? []).SequenceEqual(b.Spec?.PodCIDRs ?? []);

    /// <summary>True when a plan sees no difference between the two.</summary>
    public static bool Same(WeftNode? a, WeftNode? b) =>
        a is not null
        && b is not null
        && (a.Spec?.PodCidrs ?? []).SequenceEqual(b.Spec?.PodCidrs ?? [])
        && (a.Metadata.OwnerReferences ?? []).SequenceEqual(b.Metadata.OwnerReferences ?? [])
        && Allocated(a) == Allocated(b);

    /// <summary>True when a service got or lost an address that is in a pool, which very few do.</summary>
    public static bool Concerns(Change<Service> change, IEnumerable<WeftIPPool> pools)
    {
        var (old, now) = (AddressesOf(change.Old), AddressesOf(change.New));
        return !old.SequenceEqual(now)
            && pools
                .SelectMany(pool => Prefixes([.. pool.Spec.Ranges.Select(range => range.Cidr)]))
                .Any(range => Used("", old.Concat(now)).Any(used => range.Contains(used.Address)));
    }

    private static Condition? Allocated(WeftNode node) =>
        node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == WeftNodeStatus.PodCidrsAllocated);

    private static IEnumerable<UsedAddress> Used(string owner, IEnumerable<string> addresses) =>
        addresses.Where(text => Ip.TryParse(text, out _)).Select(text => new UsedAddress(Ip.Parse(text), owner));

    private static IEnumerable<string> AddressesOf(Node node) =>
        (node.Status?.Addresses ?? [])
            .Where(address => address.Type is "InternalIP" or "ExternalIP")
            .Select(address => address.Address);

    private static IEnumerable<string> AddressesOf(Service? service) =>
        service?.Spec?.ClusterIPs ?? (service?.Spec?.ClusterIP is { } one ? [one] : []);
}
