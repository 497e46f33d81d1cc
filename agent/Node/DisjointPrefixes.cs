using Weft.Net;

namespace Weft.Agent.Node;

/// <summary>Prefixes that share no address, each with its owner; finding an overlap costs the logarithm of their number.</summary>
internal sealed class DisjointPrefixes
{
    private readonly List<(Prefix Prefix, string Owner)> inOrder = [];

    /// <summary>One that shares an address with this, or null.</summary>
    public (Prefix Prefix, string Owner)? Overlapping(Prefix prefix)
    {
        var next = FirstAfter(prefix);
        if (next > 0 && inOrder[next - 1].Prefix.Overlaps(prefix))
        {
            return inOrder[next - 1];
        }

        return next < inOrder.Count && inOrder[next].Prefix.Overlaps(prefix) ? inOrder[next] : null;
    }

    /// <summary>Adds one that overlaps none.</summary>
    public void Add(Prefix prefix, string owner) => inOrder.Insert(FirstAfter(prefix), (prefix, owner));

    private int FirstAfter(Prefix prefix)
    {
        var (low, high) = (0, inOrder.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (inOrder[middle].Prefix.First.CompareTo(prefix.First) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
