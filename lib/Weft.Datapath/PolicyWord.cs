using System.Runtime.CompilerServices;

namespace Weft.Datapath;

/// <summary>enum policy_word: what the policies make of a pod. 0: none selects it.</summary>
/// <param name="Bits">As the map has it.</param>
public readonly record struct PolicyWord(uint Bits)
{
    /// <summary>The highest number of a policy set: 24 bits.</summary>
    public const uint LastSet = (1 << 24) - 1;

    private const uint AuditBit = 1u << 28;
    private const uint BlocksBit = 1u << 29;
    private const uint EgressBit = 1u << 30;
    private const uint IngressBit = 1u << 31;

    /// <summary>Puts the parts together.</summary>
    public static PolicyWord Of(uint set, bool ingress, bool egress, bool hasBlocks = false, bool audit = false) =>
        new(
            set
                | (ingress ? IngressBit : 0)
                | (egress ? EgressBit : 0)
                | (hasBlocks ? BlocksBit : 0)
                | (audit ? AuditBit : 0)
        );

    /// <summary>Number of the set in the maps policy and policy_blocks.</summary>
    public uint Set => Bits & LastSet;

    /// <summary>Isolated for what comes to the pod.</summary>
    public bool Ingress => (Bits & IngressBit) != 0;

    /// <summary>Isolated for what leaves it.</summary>
    public bool Egress => (Bits & EgressBit) != 0;

    /// <summary>The set has entries in policy_blocks.</summary>
    public bool HasBlocks => (Bits & BlocksBit) != 0;

    /// <summary>What would be denied is counted and let through.</summary>
    public bool Audit => (Bits & AuditBit) != 0;
}

/// <summary>A pod's policy words of an even and an odd epoch.</summary>
[InlineArray(2)]
public struct PolicyWords
{
    private PolicyWord first;

    /// <summary>The same word whatever the epoch.</summary>
    public static PolicyWords Both(PolicyWord word)
    {
        var words = default(PolicyWords);
        words[0] = words[1] = word;
        return words;
    }

    /// <summary>The word of this epoch.</summary>
    public PolicyWord this[uint epoch]
    {
        readonly get => ((ReadOnlySpan<PolicyWord>)this)[(int)(epoch & 1)];
        set => ((Span<PolicyWord>)this)[(int)(epoch & 1)] = value;
    }
}
