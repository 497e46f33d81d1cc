using System.Collections;
using Weft.Net;
using Weft.Resources;

namespace Weft.Operator.Pools;

/// <summary>What is known of the cluster when blocks are planned.</summary>
/// <param name="Pools">The pools, with what their status says is given away.</param>
/// <param name="Nodes">Names of the nodes there are.</param>
/// <param name="Claims">What each WeftNode says its prefixes are, of nodes that are gone too.</param>
/// <param name="UsedAddresses">Addresses of nodes and services.</param>
/// <param name="CoolDown">How long a block rests when its node is gone.</param>
/// <param name="Now">The time.</param>
internal sealed record BlockInputs(
    IReadOnlyCollection<WeftIPPool> Pools,
    IReadOnlyCollection<string> Nodes,
    IReadOnlyDictionary<string, IReadOnlyList<Prefix>> Claims,
    IReadOnlyCollection<UsedAddress> UsedAddresses,
    TimeSpan CoolDown,
    DateTimeOffset Now
);

/// <summary>What becomes of one pool.</summary>
/// <param name="Pool">The pool as it was.</param>
/// <param name="Blocks">Its blocks from now on.</param>
/// <param name="Free">How many more it can give.</param>
/// <param name="Refused">Ranges that are not used.</param>
/// <param name="Starving">Nodes that lack a block of a family the pool has.</param>
internal sealed record PoolOutcome(
    WeftIPPool Pool,
    IReadOnlyList<WeftIPBlock> Blocks,
    long Free,
    IReadOnlyList<RefusedRange> Refused,
    IReadOnlyList<string> Starving
);

/// <summary>What a node has from now on, and which families it lacks.</summary>
internal sealed record NodeShare(IReadOnlyList<Prefix> PodCidrs, IReadOnlyList<string> Lacks);

/// <summary>
/// Who has which block: every node one of each family that the pools have. What is given stays given: to a node that is
/// there for as long as it is, whatever becomes of its pool; of a node that is gone until the block has rested, and no
/// WeftNode names it. Pure: what is planned here counts only once the pools' statuses are written, which
/// <see cref="PoolReconciler"/> does by compare-and-swap before any node hears of it.
/// </summary>
internal sealed class BlockPlan
{
    private readonly BlockInputs inputs;
    private readonly RangeCheck ranges;
    private readonly List<WeftIPPool> pools;
    private readonly HashSet<string> nodes;
    private readonly Dictionary<string, SortedDictionary<Prefix, WeftIPBlock>> records = [];
    private readonly Dictionary<Prefix, string> owners = [];
    private readonly Dictionary<PoolRange, BitArray> taken = [];
    private readonly Dictionary<PoolRange, int> cursors = [];
    private readonly Dictionary<string, List<Prefix>> shares = [];

    private BlockPlan(BlockInputs inputs)
    {
        this.inputs = inputs;
        ranges = RangeCheck.Of(inputs.Pools, inputs.UsedAddresses);
        pools = [.. RangeCheck.InOrder(inputs.Pools)];
        nodes = [.. inputs.Nodes];
    }

    /// <summary>The pools, the oldest first.</summary>
    public IReadOnlyList<PoolOutcome> Pools { get; private set; } = [];

    /// <summary>The nodes by name.</summary>
    public IReadOnlyDictionary<string, NodeShare> Nodes { get; private set; } = new Dictionary<string, NodeShare>();

    /// <summary>When the first of the resting blocks has rested, or null.</summary>
    public DateTimeOffset? NextRelease { get; private set; }

    public static BlockPlan Make(BlockInputs inputs)
    {
        var plan = new BlockPlan(inputs);
        plan.KeepWhatIsRecorded();
        plan.MarkTaken();
        plan.AdoptWhatNodesHave();
        plan.GiveWhatNodesLack();
        return plan;
    }

    /// <summary>Blocks in the pools' statuses, without those that have rested long enough.</summary>
    private void KeepWhatIsRecorded()
    {
        var claimed = inputs.Claims.Values.SelectMany(prefixes => prefixes).ToHashSet();
        foreach (var pool in pools)
        {
            var record = records[pool.Metadata.Name!] = new(Comparer<Prefix>.Create(InAddressOrder));
            foreach (var written in pool.Status?.Blocks ?? [])
            {
                if (
                    Prefix.TryParse(written.Cidr, out var block)
                    && After(written, block, claimed) is { } kept
                    && owners.TryAdd(block, kept.Node)
                )
                {
                    record[block] = kept;
                    Share(kept.Node).Add(block);
                }
            }
        }
    }

    /// <summary>The block's record from now on; null when another node may have it.</summary>
    private WeftIPBlock? After(WeftIPBlock written, Prefix block, HashSet<Prefix> claimed)
    {
        if (nodes.Contains(written.Node))
        {
            return written.ReleasedAt is null ? written : written with { ReleasedAt = null };
        }

        var released = written.ReleasedAt ?? inputs.Now;
        var free = released + inputs.CoolDown;
        if (free <= inputs.Now && written.ReleasedAt is not null && !claimed.Contains(block))
        {
            return null;
        }

        NextRelease = NextRelease is { } next && next < free ? next : free;
        return written.ReleasedAt is null ? written with { ReleasedAt = released } : written;
    }

    private void MarkTaken()
    {
        foreach (var range in ranges.Usable)
        {
            var marks = taken[range] = new BitArray(range.Count);
            foreach (var block in owners.Keys)
            {
                var (first, count) = range.IndexesOf(block);
                for (var i = first; i < first + count; i++)
                {
                    marks[i] = true;
                }
            }
        }
    }

    /// <summary>
    /// A prefix that a node has and no record names: the pool was deleted, or its status is older than the node's (a
    /// backup). The node keeps it, and a pool that it is a block of has it in its books again. One that overlaps what is
    /// recorded, or is no block of the range it lies in, never came from here.
    /// </summary>
    private void AdoptWhatNodesHave()
    {
        foreach (var (node, claims) in inputs.Claims.OrderBy(claim => claim.Key, StringComparer.Ordinal))
        {
            foreach (var claim in claims.Where(claim => !owners.ContainsKey(claim)))
            {
                if (ranges.Usable.FirstOrDefault(range => range.Prefix.Overlaps(claim)) is not { } range)
                {
                    if (!owners.Keys.Any(claim.Overlaps))
                    {
                        owners[claim] = node;
                        Share(node).Add(claim);
                    }
                }
                else if (range.HasBlock(claim) && !taken[range][range.IndexesOf(claim).First])
                {
                    Give(range, range.IndexesOf(claim).First, node);
                }
            }
        }
    }

    private void GiveWhatNodesLack()
    {
        var families = ranges.Usable.Select(range => range.Prefix.IsV4).Distinct().ToList();
        var starving = new Dictionary<bool, List<string>> { [true] = [], [false] = [] };
        var given = new Dictionary<string, NodeShare>();
        foreach (var node in inputs.Nodes.Order(StringComparer.Ordinal))
        {
            var share = Share(node);
            var lacks = families.Where(v4 => !share.Exists(block => block.IsV4 == v4)).ToList();
            var found = lacks.Select(v4 => (V4: v4, Free: FindFree(v4))).ToList();
            var empty = found.Where(family => family.Free is null).Select(family => family.V4).ToList();
            empty.ForEach(v4 => starving[v4].Add(node));
            // A node without any gets all families or none: its pods would differ in them by age.
            if (share.Count > 0 || empty.Count == 0)
            {
                foreach (var (_, free) in found)
                {
                    if (free is { } block)
                    {
                        Give(block.Range, block.Index, node);
                    }
                }
            }

            given[node] = new NodeShare(InClaimedOrder(node, share), [.. empty.Select(v4 => v4 ? "IPv4" : "IPv6")]);
        }

        Nodes = given;
        Pools = [.. pools.Select(pool => OutcomeOf(pool, starving))];
    }

    private PoolOutcome OutcomeOf(WeftIPPool pool, Dictionary<bool, List<string>> starving)
    {
        var own = ranges.Usable.Where(range => ReferenceEquals(range.Pool, pool)).ToList();
        var blocks = records[pool.Metadata.Name!].Values.ToList();
        return new PoolOutcome(
            pool,
            blocks,
            Math.Min(own.Sum(range => FreeOf(range)), WeftIPPool.MostBlocks - blocks.Count),
            [.. ranges.Refused.Where(refused => ReferenceEquals(refused.Pool, pool))],
            [.. own.Select(range => range.Prefix.IsV4).Distinct().SelectMany(v4 => starving[v4]).Distinct()]
        );
    }

    private long FreeOf(PoolRange range)
    {
        var free = 0;
        foreach (bool mark in taken[range])
        {
            free += mark ? 0 : 1;
        }

        return free;
    }

    private (PoolRange Range, int Index)? FindFree(bool v4)
    {
        foreach (var range in ranges.Usable)
        {
            if (range.Prefix.IsV4 != v4 || records[range.Pool.Metadata.Name!].Count >= WeftIPPool.MostBlocks)
            {
                continue;
            }

            var index = cursors.GetValueOrDefault(range);
            while (index < range.Count && taken[range][index])
            {
                index++;
            }

            cursors[range] = index;
            if (index < range.Count)
            {
                return (range, index);
            }
        }

        return null;
    }

    private void Give(PoolRange range, int index, string node)
    {
        var block = range.Block(index);
        taken[range][index] = true;
        owners[block] = node;
        Share(node).Add(block);
        records[range.Pool.Metadata.Name!][block] = new WeftIPBlock { Cidr = block.ToString(), Node = node };
    }

    private List<Prefix> Share(string node)
    {
        if (!shares.TryGetValue(node, out var share))
        {
            shares[node] = share = [];
        }

        return share;
    }

    /// <summary>What the node has stays in its place, for the first of each family is the one in use.</summary>
    private List<Prefix> InClaimedOrder(string node, List<Prefix> share)
    {
        var claims = inputs.Claims.GetValueOrDefault(node) ?? [];
        return [.. claims.Where(share.Contains), .. share.Where(block => !claims.Contains(block))];
    }

    private static int InAddressOrder(Prefix a, Prefix b) =>
        a.First.CompareTo(b.First) is var order and not 0 ? order : a.Length.CompareTo(b.Length);
}
