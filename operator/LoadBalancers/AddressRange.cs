using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Operator.Pools;
using Weft.Resources;

namespace Weft.Operator.LoadBalancers;

/// <summary>A prefix of a pool that addresses are given from.</summary>
internal sealed record AddressRange(WeftLoadBalancerPool Pool, Prefix Prefix)
{
    /// <summary>Whether the Service may have one of them.</summary>
    public bool IsFor(Service service) => Pool.Spec.ServiceSelector?.Matches(service.Metadata.Labels) ?? true;

    /// <summary>
    /// The prefixes that can be used: of two that overlap that of the older pool, and none that has pods' or nodes'
    /// addresses, or a ClusterIP, in it. The others are in <paramref name="refused"/>, with the reason.
    /// </summary>
    public static IReadOnlyList<AddressRange> Usable(
        IEnumerable<WeftLoadBalancerPool> pools,
        IEnumerable<WeftIPPool> podPools,
        IReadOnlyCollection<UsedAddress> used,
        out ILookup<WeftLoadBalancerPool, string> refused
    )
    {
        var taken = podPools
            .SelectMany(pool =>
                NodeInputs
                    .Prefixes([.. pool.Spec.Ranges.Select(range => range.Cidr)])
                    .Select(prefix => (Prefix: prefix, Owner: $"WeftIPPool {pool.Metadata.Name}"))
            )
            .ToList();
        var usable = new List<AddressRange>();
        var reasons = new List<(WeftLoadBalancerPool Pool, string Reason)>();
        foreach (
            var pool in pools
                .OrderBy(pool => pool.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue)
                .ThenBy(pool => pool.Metadata.Name, StringComparer.Ordinal)
        )
        {
            foreach (var text in pool.Spec.Cidrs)
            {
                if (!Prefix.TryParse(text, out var prefix) || prefix != prefix.Network)
                {
                    reasons.Add((pool, $"\"{text}\" is not a prefix with host bits clear"));
                }
                else if (taken.Find(other => other.Prefix.Overlaps(prefix)) is { Owner: { } owner } other)
                {
                    reasons.Add((pool, $"{prefix} overlaps {other.Prefix} of {owner}"));
                }
                else if (used.FirstOrDefault(address => prefix.Contains(address.Address)) is { Owner: not null } a)
                {
                    reasons.Add((pool, $"{prefix} contains {a.Address}, the address of {a.Owner}"));
                }
                else
                {
                    usable.Add(new AddressRange(pool, prefix));
                    taken.Add((prefix, $"WeftLoadBalancerPool {pool.Metadata.Name}"));
                }
            }
        }

        refused = reasons.ToLookup(entry => entry.Pool, entry => entry.Reason);
        return usable;
    }
}
