using Weft.Resources;

namespace Weft.Operator.Identities;

/// <summary>How many endpoint slices name each identity's number. Pure; for one thread at a time.</summary>
internal sealed class SliceReferences
{
    private readonly Dictionary<uint, int> counts = [];

    /// <summary>Whether a slice names it.</summary>
    public bool Has(uint number) => counts.ContainsKey(number);

    /// <summary>Takes in a slice's change.</summary>
    /// <returns>Numbers that came to be named, or are named no more.</returns>
    public IReadOnlyList<uint> Follow(WeftEndpointSlice? old, WeftEndpointSlice? now)
    {
        var (before, after) = (NumbersOf(old), NumbersOf(now));
        var changed = new List<uint>();
        foreach (var number in after.Except(before))
        {
            if ((counts[number] = counts.GetValueOrDefault(number) + 1) == 1)
            {
                changed.Add(number);
            }
        }

        foreach (var number in before.Except(after))
        {
            if (--counts[number] == 0)
            {
                counts.Remove(number);
                changed.Add(number);
            }
        }

        return changed;
    }

    private static HashSet<uint> NumbersOf(WeftEndpointSlice? slice) =>
        [.. slice?.Endpoints.Select(endpoint => endpoint.Identity) ?? []];
}
