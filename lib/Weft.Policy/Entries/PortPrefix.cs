using System.Numerics;
using Weft.Policy.Rules;

namespace Weft.Policy.Entries;

/// <summary>Ports that share their first bits: what a longest-prefix map can hold of a range.</summary>
/// <param name="Port">The first of them, in host byte order.</param>
/// <param name="Length">How many leading bits they share: 0 for all ports, 16 for one.</param>
public readonly record struct PortPrefix(ushort Port, int Length)
{
    private const int Bits = 16;

    /// <summary>The fewest prefixes that cover a range exactly: 30 at most.</summary>
    public static IEnumerable<PortPrefix> Cover(PortRange range)
    {
        int first = range.First;
        while (first <= range.Last)
        {
            // The largest block that begins here and ends within the range.
            var aligned = first == 0 ? Bits : BitOperations.TrailingZeroCount(first);
            var fitting = BitOperations.Log2((uint)(range.Last - first + 1));
            var size = Math.Min(aligned, fitting);
            yield return new PortPrefix((ushort)first, Bits - size);
            first += 1 << size;
        }
    }

    /// <summary>True when the port is one of them.</summary>
    public bool Contains(ushort port) => Length == 0 || (port ^ Port) >> (Bits - Length) == 0;
}
