using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects;

namespace Weft.Resources;

/// <summary>Addresses for pods: ranges that the operator cuts into blocks, one of each family for every node.</summary>
public sealed record WeftIPPool : KubernetesObject
{
    /// <summary>Most ranges of one pool.</summary>
    public const int MostRanges = 64;

    /// <summary>Most blocks that are in use at once; what is written about them stays below etcd's size of an object.</summary>
    public const int MostBlocks = 8192;

    /// <summary>Most bits between a range's length and its blocks'.</summary>
    public const int MostBlockBits = 16;

    /// <summary>Longest block of IPv4: network, gateway and broadcast address leave one for a pod.</summary>
    public const int LongestV4Block = 30;

    /// <summary>Longest block of IPv6, likewise.</summary>
    public const int LongestV6Block = 126;

    /// <summary>What a person wants.</summary>
    public required WeftIPPoolSpec Spec { get; init; }

    /// <summary>What became of it.</summary>
    public WeftIPPoolStatus? Status { get; init; }
}

/// <summary>What a person wants of a pool.</summary>
public sealed record WeftIPPoolSpec
{
    /// <summary>Used one after the other. Ranges can be added; those that are there stay as they are.</summary>
    public required IReadOnlyList<WeftIPRange> Ranges { get; init; }
}

/// <summary>A prefix, cut into blocks.</summary>
public sealed record WeftIPRange
{
    /// <summary>The prefix, IPv4 or IPv6, host bits clear.</summary>
    public required string Cidr { get; init; }

    /// <summary>Prefix length of a block: a node's share.</summary>
    public required int BlockSize { get; init; }
}

/// <summary>The operator's book-keeping of a pool.</summary>
public sealed record WeftIPPoolStatus
{
    /// <summary>Type of the condition that all ranges can be used.</summary>
    public const string Ready = "Ready";

    /// <summary>Type of the condition that a range overlaps something, and is not used.</summary>
    public const string Overlap = "Overlap";

    /// <summary>Type of the condition that a node lacks a block because none is free.</summary>
    public const string Exhausted = "Exhausted";

    /// <summary>
    /// Blocks that are given away. A block is written here, by compare-and-swap on the object's resourceVersion, before
    /// a node hears of it: of two writers one loses, and no block is given twice.
    /// </summary>
    public IReadOnlyList<WeftIPBlock>? Blocks { get; init; }

    /// <summary>How many blocks are given away, resting ones included.</summary>
    public int? Used { get; init; }

    /// <summary>How many more can be given.</summary>
    public long? Free { get; init; }

    /// <summary>By type.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

/// <summary>A block and whose it is.</summary>
public sealed record WeftIPBlock
{
    /// <summary>The block.</summary>
    public required string Cidr { get; init; }

    /// <summary>The node that has it, or had it last.</summary>
    public required string Node { get; init; }

    /// <summary>When the node was found gone: the block rests from then on before another node gets it.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? ReleasedAt { get; init; }
}
