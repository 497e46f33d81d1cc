using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Operator.Pools;
using Weft.Resources;

namespace Weft.Operator.LoadBalancers;

/// <summary>What a Service gets.</summary>
/// <param name="Service">The Service.</param>
/// <param name="Addresses">At most one of each family.</param>
/// <param name="Reason">In one word: "Allocated" when it has all it wants.</param>
/// <param name="Message">In a sentence.</param>
internal sealed record ServiceShare(Service Service, IReadOnlyList<Ip> Addresses, string Reason, string Message)
{
    public const string Allocated = "Allocated";

    public bool IsComplete => Reason == Allocated;
}

/// <summary>What became of a pool.</summary>
internal sealed record PoolUse(WeftLoadBalancerPool Pool, int Used, IReadOnlyList<string> Refused);

/// <summary>
/// Which Service has which addresses. Pure: what it gives hangs on the objects alone, so that two who work it out, or
/// one after a restart, come to the same. Whoever has an address keeps it as long as it may; then come those who want a
/// certain one, then all others, the older first.
/// </summary>
internal sealed class AddressPlan
{
    private readonly IReadOnlyList<AddressRange> ranges;
    private readonly Dictionary<Ip, List<ServiceWish>> holders = [];
    private readonly List<ServiceShare> shares = [];

    private AddressPlan(IReadOnlyList<AddressRange> ranges) => this.ranges = ranges;

    /// <summary>Works it out. Services that no pool is for are left out: somebody else may serve them.</summary>
    /// <param name="pools">Pools of such addresses.</param>
    /// <param name="podPools">Pools of pods' addresses, which must stay apart.</param>
    /// <param name="used">Addresses of nodes, and ClusterIPs.</param>
    /// <param name="services">All Services.</param>
    public static (IReadOnlyList<ServiceShare> Services, IReadOnlyList<PoolUse> Pools) Make(
        IReadOnlyCollection<WeftLoadBalancerPool> pools,
        IEnumerable<WeftIPPool> podPools,
        IReadOnlyCollection<UsedAddress> used,
        IEnumerable<Service> services
    )
    {
        var plan = new AddressPlan(AddressRange.Usable(pools, podPools, used, out var refused));
        var wishes = services
            .Select(ServiceWish.Of)
            .OfType<ServiceWish>()
            .Where(wish => wish.IsOurs || pools.Any(pool => new AddressRange(pool, default).IsFor(wish.Service)))
            .OrderBy(plan.Turn)
            .ThenBy(wish => wish.Service.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue)
            .ThenBy(wish => wish.Key.ToString(), StringComparer.Ordinal);
        foreach (var wish in wishes)
        {
            plan.Give(wish);
        }

        return (
            plan.shares,
            [
                .. pools.Select(pool => new PoolUse(
                    pool,
                    plan.holders.Keys.Count(ip =>
                        plan.ranges.Any(range => range.Pool == pool && range.Prefix.Contains(ip))
                    ),
                    [.. refused[pool]]
                )),
            ]
        );
    }

    private int Turn(ServiceWish wish) =>
        wish.Current.Any(ip => (wish.Requested.Count == 0 || wish.Requested.Contains(ip)) && MayHave(wish, ip)) ? 0
        : wish.Requested.Count > 0 ? 1
        : 2;

    private void Give(ServiceWish wish)
    {
        var given = new List<Ip>();
        var (reason, message) = (ServiceShare.Allocated, "It has an address of each of its families.");
        if (wish.Problem is { } problem)
        {
            (reason, message) = (
                "InvalidRequest",
                $"{problem}: see its annotation {WeftLoadBalancerPool.AddressesAnnotation}"
            );
        }
        else
        {
            foreach (var v4 in wish.Families)
            {
                var found = wish.Requested.Where(ip => ip.IsV4 == v4).Cast<Ip?>().FirstOrDefault() is { } requested
                    ? Requested(wish, requested)
                    : Any(wish, v4);
                if (found.Address is { } address)
                {
                    given.Add(address);
                }
                else
                {
                    (reason, message) = (found.Reason!, found.Message!);
                }
            }
        }

        foreach (var address in given)
        {
            if (!holders.TryGetValue(address, out var others))
            {
                holders[address] = others = [];
            }

            others.Add(wish);
        }

        shares.Add(new ServiceShare(wish.Service, given, reason, message));
    }

    private (Ip? Address, string? Reason, string? Message) Requested(ServiceWish wish, Ip ip) =>
        !MayHave(wish, ip) ? (null, "NotInPool", $"{ip} is in no pool for this Service; name another, or add it to one")
        : HolderAgainst(wish, ip) is { } holder
            ? (
                null,
                "AddressTaken",
                $"{holder.Key} has {ip}; name another, or give both the same {WeftLoadBalancerPool.SharingAnnotation} and other ports"
            )
        : (ip, null, null);

    private (Ip? Address, string? Reason, string? Message) Any(ServiceWish wish, bool v4)
    {
        var candidates = wish
            .Current.Where(ip => ip.IsV4 == v4 && MayHave(wish, ip))
            .Concat(holders.Keys.Where(ip => ip.IsV4 == v4 && wish.SharingKey is not null && MayHave(wish, ip)).Order())
            .Concat(ranges.Where(range => range.Prefix.IsV4 == v4 && range.IsFor(wish.Service)).SelectMany(FirstFree));
        foreach (var ip in candidates)
        {
            if (HolderAgainst(wish, ip) is null)
            {
                return (ip, null, null);
            }
        }

        var family = v4 ? "IPv4" : "IPv6";
        return (null, "NoFreeAddress", $"no pool for this Service has a free {family} address; add a prefix to one");
    }

    /// <summary>The lowest address of the range that nobody has: at most as many steps as Services have addresses.</summary>
    private IEnumerable<Ip> FirstFree(AddressRange range)
    {
        for (var ip = range.Prefix.First; range.Prefix.Contains(ip); ip = ip.Add(1))
        {
            if (!holders.ContainsKey(ip))
            {
                yield return ip;
                yield break;
            }
        }
    }

    private bool MayHave(ServiceWish wish, Ip ip) =>
        ranges.Any(range => range.Prefix.Contains(ip) && range.IsFor(wish.Service));

    private ServiceWish? HolderAgainst(ServiceWish wish, Ip ip) =>
        holders.GetValueOrDefault(ip, []).Find(holder => !wish.Shares(holder));
}
