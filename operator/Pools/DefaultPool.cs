using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Resources;

namespace Weft.Operator.Pools;

/// <summary>The pool that the operator makes from its configuration when there is none.</summary>
internal static class DefaultPool
{
    public const string Name = "default";

    // As kube-controller-manager's node-cidr-mask-size has it.
    private const int V4BlockSize = 24;
    private const int V6BlockSize = 64;

    // Where the range has no room for blocks of that size: 16 nodes, or 256.
    private const int SmallV4Bits = 4;
    private const int SmallV6Bits = 8;

    public static WeftIPPool Of(IEnumerable<Prefix> cidrs) =>
        new()
        {
            Metadata = new ObjectMeta { Name = Name },
            Spec = new WeftIPPoolSpec
            {
                Ranges =
                [
                    .. cidrs.Select(cidr => new WeftIPRange { Cidr = cidr.ToString(), BlockSize = BlockSize(cidr) }),
                ],
            },
        };

    /// <summary>/24 or /64 where the range is shorter than that and has no more such blocks than a pool may.</summary>
    internal static int BlockSize(Prefix cidr)
    {
        var (usual, bits, longest) = cidr.IsV4
            ? (V4BlockSize, SmallV4Bits, WeftIPPool.LongestV4Block)
            : (V6BlockSize, SmallV6Bits, WeftIPPool.LongestV6Block);
        return cidr.Length < usual
            ? Math.Min(usual, cidr.Length + WeftIPPool.MostBlockBits)
            : Math.Min(cidr.Length + bits, longest);
    }
}
