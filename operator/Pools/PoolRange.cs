using Weft.Net;
using Weft.Resources;

namespace Weft.Operator.Pools;

/// <summary>A range of a pool that makes sense, cut into blocks.</summary>
internal sealed class PoolRange(WeftIPPool pool, Prefix prefix, int blockSize)
{
    /// <summary>Whose it is.</summary>
    public WeftIPPool Pool => pool;

    /// <summary>All of it.</summary>
    public Prefix Prefix => prefix;

    /// <summary>Prefix length of a block.</summary>
    public int BlockSize => blockSize;

    /// <summary>How many blocks it has: at most 65,536.</summary>
    public int Count => 1 << (BlockSize - Prefix.Length);

    /// <summary>"range 10.244.0.0/16 of pool default".</summary>
    public string Description => $"range {Prefix} of pool {Pool.Metadata.Name}";

    /// <summary>Block of this index.</summary>
    public Prefix Block(int index) => new(Prefix.First.Add((UInt128)index << HostBits), BlockSize);

    /// <summary>Indexes of the blocks that share an address with the prefix: none, one, or several.</summary>
    public (int First, int Count) IndexesOf(Prefix other)
    {
        if (!Prefix.Overlaps(other))
        {
            return (0, 0);
        }

        var first = other.Length <= Prefix.Length ? 0 : (int)((other.First.Value - Prefix.First.Value) >> HostBits);
        var count =
            other.Length <= Prefix.Length ? Count
            : other.Length >= BlockSize ? 1
            : 1 << (BlockSize - other.Length);
        return (first, count);
    }

    /// <summary>True when the prefix is one of the blocks.</summary>
    public bool HasBlock(Prefix other) => other.Length == BlockSize && Prefix.Contains(other.First);

    private int HostBits => Prefix.First.Bits - BlockSize;

    /// <summary>Reads a range; null, with the reason, when the API server let something through that makes no sense.</summary>
    public static PoolRange? Read(WeftIPPool pool, WeftIPRange range, out string? problem)
    {
        problem =
            !Prefix.TryParse(range.Cidr, out var prefix) ? $"\"{range.Cidr}\" is not a prefix"
            : prefix != prefix.Network ? $"{range.Cidr} has host bits; write {prefix.Network}"
            : range.BlockSize < prefix.Length ? $"blockSize {range.BlockSize} is larger than the range {prefix}"
            : range.BlockSize > prefix.Length + WeftIPPool.MostBlockBits
                ? $"blockSize {range.BlockSize} cuts {prefix} into more than 65536 blocks"
            : range.BlockSize > (prefix.IsV4 ? WeftIPPool.LongestV4Block : WeftIPPool.LongestV6Block)
                ? $"blockSize {range.BlockSize} leaves no address for a pod"
            : null;
        return problem is null ? new PoolRange(pool, prefix, range.BlockSize) : null;
    }
}
