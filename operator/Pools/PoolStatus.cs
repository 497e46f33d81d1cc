using Weft.Operator.Nodes;
using Weft.Resources;

namespace Weft.Operator.Pools;

/// <summary>What a pool's status says of a plan.</summary>
internal static class PoolStatus
{
    private const int NamesShown = 3;

    public static WeftIPPoolStatus Of(PoolOutcome outcome, DateTimeOffset now)
    {
        var overlaps = outcome.Refused.Where(refused => refused.Overlaps).Select(refused => refused.Reason).ToList();
        var nonsense = outcome.Refused.Where(refused => !refused.Overlaps).Select(refused => refused.Reason).ToList();
        var starving = outcome.Starving.Count > 0;
        return new WeftIPPoolStatus
        {
            Blocks = outcome.Blocks,
            Used = outcome.Blocks.Count,
            Free = outcome.Free,
            Conditions =
            [
                nonsense.Count > 0 ? Make(WeftIPPoolStatus.Ready, false, "InvalidRange", NotUsed(nonsense))
                : overlaps.Count > 0 ? Make(WeftIPPoolStatus.Ready, false, "RangeOverlaps", NotUsed(overlaps))
                : starving ? Make(WeftIPPoolStatus.Ready, false, "Exhausted", Lacking(outcome.Starving))
                : Make(WeftIPPoolStatus.Ready, true, "Ready", "All ranges are in use."),
                overlaps.Count > 0
                    ? Make(WeftIPPoolStatus.Overlap, true, "RangeOverlaps", NotUsed(overlaps))
                    : Make(WeftIPPoolStatus.Overlap, false, "Disjoint", "No range overlaps anything."),
                starving
                    ? Make(WeftIPPoolStatus.Exhausted, true, "NoFreeBlock", Lacking(outcome.Starving))
                    : Make(WeftIPPoolStatus.Exhausted, false, "EveryNodeServed", "Every node has its blocks."),
            ],
        };

        Kubernetes.Objects.Condition Make(string type, bool status, string reason, string message) =>
            Conditions.Of(
                outcome.Pool.Status?.Conditions,
                type,
                status,
                reason,
                message,
                outcome.Pool.Metadata.Generation,
                now
            );
    }

    /// <summary>Whether writing the second in place of the first would change anything.</summary>
    public static bool Same(WeftIPPoolStatus? a, WeftIPPoolStatus b) =>
        a is not null
        && a.Used == b.Used
        && a.Free == b.Free
        && (a.Blocks ?? []).SequenceEqual(b.Blocks ?? [])
        && (a.Conditions ?? []).SequenceEqual(b.Conditions ?? []);

    private static string NotUsed(List<string> reasons) =>
        $"Not used: {string.Join("; ", reasons)}. Blocks given before stay; add a range that is free.";

    private static string Lacking(IReadOnlyList<string> nodes) =>
        $"No free block for node{(nodes.Count > 1 ? "s" : "")} {string.Join(", ", nodes.Take(NamesShown))}"
        + (nodes.Count > NamesShown ? $" and {nodes.Count - NamesShown} more" : "")
        + "; add a range to this pool, or another pool.";
}
