using Weft.Net;
using Weft.Resources;

namespace Weft.Operator.Pools;

/// <summary>An address that somebody has already, and who.</summary>
internal readonly record struct UsedAddress(Ip Address, string Owner);

/// <summary>A range that is not used, and why.</summary>
internal sealed record RefusedRange(WeftIPPool Pool, string Reason, bool Overlaps);

/// <summary>
/// Which ranges blocks may be taken from. Of two that overlap the first counts: that of the older pool, then the one that
/// comes first in its pool. A range with a node's or a service's address in it is not used at all.
/// </summary>
internal sealed record RangeCheck(IReadOnlyList<PoolRange> Usable, IReadOnlyList<RefusedRange> Refused)
{
    public static RangeCheck Of(IEnumerable<WeftIPPool> pools, IReadOnlyCollection<UsedAddress> used)
    {
        var usable = new List<PoolRange>();
        var refused = new List<RefusedRange>();
        foreach (var pool in InOrder(pools))
        {
            foreach (var written in pool.Spec.Ranges)
            {
                if (PoolRange.Read(pool, written, out var problem) is not { } range)
                {
                    refused.Add(new RefusedRange(pool, problem!, Overlaps: false));
                }
                else if (usable.Find(other => other.Prefix.Overlaps(range.Prefix)) is { } other)
                {
                    refused.Add(new RefusedRange(pool, $"{range.Prefix} overlaps {other.Description}", true));
                }
                else if (
                    used.FirstOrDefault(address => range.Prefix.Contains(address.Address)) is { Owner: { } owner } a
                )
                {
                    refused.Add(
                        new RefusedRange(pool, $"{range.Prefix} contains {a.Address}, the address of {owner}", true)
                    );
                }
                else
                {
                    usable.Add(range);
                }
            }
        }

        return new RangeCheck(usable, refused);
    }

    /// <summary>The older first; those of one second by name.</summary>
    public static IEnumerable<WeftIPPool> InOrder(IEnumerable<WeftIPPool> pools) =>
        pools
            .OrderBy(pool => pool.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue)
            .ThenBy(pool => pool.Metadata.Name, StringComparer.Ordinal);
}
