using Weft.Net;
using Weft.Policy.Peers;
using Weft.Policy.Rules;

namespace Weft.Policy.Entries;

/// <summary>A prefix that addresses are looked up by.</summary>
/// <param name="Number">What stands for it as a peer, on this node.</param>
/// <param name="Prefix">The prefix, host bits cleared.</param>
/// <param name="Groups">The ipBlocks that an address belongs to when this is its longest prefix of the table.</param>
public sealed record Block(uint Number, Prefix Prefix, IReadOnlyList<PeerGroup> Groups);

/// <summary>
/// The prefixes of all ipBlocks and their exceptions. An address is looked up by its longest prefix alone: that one
/// carries every ipBlock it is inside of, so that overlapping ones cost nothing per packet.
/// </summary>
/// <param name="Blocks">By prefix.</param>
public sealed record BlockTable(IReadOnlyDictionary<Prefix, Block> Blocks)
{
    /// <summary>Numbers of blocks begin here: above every identity (24 bits, as a VXLAN VNI has).</summary>
    public const uint FirstNumber = 1u << 24;

    /// <summary>All of IPv4. In the maps' 128-bit form a short IPv6 prefix contains it, and must not match its addresses.</summary>
    private static readonly Prefix AllV4 = new(Ip.AnyV4, 0);

    /// <summary>Without a prefix.</summary>
    public static BlockTable Empty { get; } = new(new Dictionary<Prefix, Block>());

    /// <summary>The table for these groups. A prefix that stays keeps its number; one that goes gives it up.</summary>
    /// <param name="groups">Of ipBlocks; others are passed over.</param>
    /// <param name="single">Addresses that need a block of their own, see <see cref="SetEntries"/>.</param>
    public BlockTable With(IEnumerable<PeerGroup> groups, IEnumerable<Ip> single)
    {
        var blocks = groups.Where(group => group.Match is BlockPeer).ToList();
        var prefixes = blocks
            .Select(group => (BlockPeer)group.Match)
            .SelectMany(block => block.Except.Append(block.Cidr))
            .Concat(single.Select(address => address.ToPrefix()))
            .ToHashSet();
        if (prefixes.Any(ContainsMappedV4))
        {
            prefixes.Add(AllV4);
        }

        var taken = Blocks
            .Values.Where(block => prefixes.Contains(block.Prefix))
            .Select(block => block.Number)
            .ToHashSet();
        var next = FirstNumber;
        return new BlockTable(
            prefixes.ToDictionary(
                prefix => prefix,
                prefix => new Block(
                    Blocks.TryGetValue(prefix, out var old) ? old.Number : Free(),
                    prefix,
                    [.. blocks.Where(group => Covers((BlockPeer)group.Match, prefix))]
                )
            )
        );

        uint Free()
        {
            while (!taken.Add(next))
            {
                next++;
            }

            return next;
        }
    }

    /// <summary>The block an address belongs to; null for none.</summary>
    public Block? Find(Ip address)
    {
        for (var length = address.Bits; length >= 0; length--)
        {
            if (Blocks.TryGetValue(new Prefix(address, length).Network, out var block))
            {
                return block;
            }
        }

        return null;
    }

    private static bool ContainsMappedV4(Prefix prefix) =>
        !prefix.IsV4
        && prefix.Length <= AllV4.MappedLength
        && prefix.First.Value <= AllV4.First.Value
        && prefix.Last.Value >= AllV4.Last.Value;

    /// <summary>Every address whose longest prefix this is is inside of the block, or none is: its prefixes are in the table.</summary>
    private static bool Covers(BlockPeer block, Prefix prefix) =>
        Inside(prefix, block.Cidr) && !block.Except.Any(except => Inside(prefix, except));

    private static bool Inside(Prefix prefix, Prefix of) => prefix.Length >= of.Length && of.Contains(prefix.First);
}
