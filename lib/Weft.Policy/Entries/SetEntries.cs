using Weft.Net;
using Weft.Policy.Peers;
using Weft.Policy.Rules;
using Weft.Policy.Sets;

namespace Weft.Policy.Entries;

/// <summary>A permission as the policy map has it, for one set.</summary>
/// <param name="Direction">Which side of the pod.</param>
/// <param name="Peer">An identity, a block of the <see cref="BlockTable"/>, or <see cref="SetEntries.AnyPeer"/>.</param>
/// <param name="Protocol">IP protocol number; any.</param>
/// <param name="Ports">Of the destination.</param>
public readonly record struct PolicyEntry(Direction Direction, uint Peer, Transport Protocol, PortPrefix Ports);

/// <summary>
/// A set's rules as entries of the policy map. A connection is allowed when an entry is found for its peer's identity,
/// for the block of its peer's address, or for any peer.
/// </summary>
public static class SetEntries
{
    /// <summary>The peer of entries that allow everybody.</summary>
    public const uint AnyPeer = 0;

    /// <summary>All entries of a set with the rule each comes from; of several rules with one entry, the first.</summary>
    /// <param name="set">The set.</param>
    /// <param name="blocks">Of all ipBlocks there are.</param>
    /// <param name="identities">All identities: a port name to anybody means those who have it.</param>
    /// <param name="addresses">Addresses of an identity's pods, asked for port names together with an ipBlock only.</param>
    public static IReadOnlyDictionary<PolicyEntry, RuleSource> Of(
        PolicySet set,
        BlockTable blocks,
        IReadOnlyCollection<PolicyIdentity> identities,
        Func<uint, IEnumerable<Ip>> addresses
    )
    {
        var byGroup = blocks
            .Blocks.Values.SelectMany(block => block.Groups.Select(group => (group, block)))
            .ToLookup(pair => pair.group, pair => pair.block);
        return Collect(set, rule => Peers(rule, blocks, byGroup, identities, addresses));
    }

    /// <summary>
    /// What one identity adds to a set's entries, with the rule each comes from, but for what hangs on its pods' addresses
    /// (<see cref="DependsOnAddresses"/>).
    /// </summary>
    public static IReadOnlyDictionary<PolicyEntry, RuleSource> Of(PolicySet set, PolicyIdentity identity) =>
        Collect(set, rule => Allowed(rule, identity).Select(allowed => (identity.Id, allowed.Protocol, allowed.Ports)));

    /// <summary>True when the entries hang on which addresses pods have, see <see cref="SingleAddresses"/>.</summary>
    public static bool DependsOnAddresses(PolicySet set) =>
        set.Egress.Rules.Any(rule => rule is { Ports: NamedPort, Peers.Match: BlockPeer });

    /// <summary>
    /// Addresses that need a block of their own. A port name to an ipBlock is allowed to pods that are inside and have
    /// the name: two conditions, which the block of the pod's address alone carries as one.
    /// </summary>
    public static IEnumerable<Ip> SingleAddresses(
        PolicySet set,
        IReadOnlyCollection<PolicyIdentity> identities,
        Func<uint, IEnumerable<Ip>> addresses
    ) =>
        set
            .Egress.Rules.Where(rule => rule is { Ports: NamedPort, Peers.Match: BlockPeer })
            .SelectMany(rule => Inside(rule, (NamedPort)rule.Ports, identities, addresses))
            .Select(pod => pod.Address);

    private static Dictionary<PolicyEntry, RuleSource> Collect(
        PolicySet set,
        Func<SetRule, IEnumerable<(uint Peer, Transport Protocol, PortRange Ports)>> permissions
    )
    {
        var entries = new Dictionary<PolicyEntry, RuleSource>();
        foreach (var direction in (ReadOnlySpan<Direction>)[Direction.Ingress, Direction.Egress])
        {
            foreach (var rule in set.Of(direction).Rules)
            {
                // Most often one range for all peers of a rule.
                (PortRange? Range, PortPrefix[] Prefixes) cover = (null, []);
                foreach (var (peer, protocol, range) in permissions(rule))
                {
                    cover = cover.Range == range ? cover : (range, [.. PortPrefix.Cover(range)]);
                    foreach (var ports in cover.Prefixes)
                    {
                        entries.TryAdd(new PolicyEntry(direction, peer, protocol, ports), rule.Source);
                    }
                }
            }
        }

        return entries;
    }

    private static IEnumerable<(uint Peer, Transport Protocol, PortRange Ports)> Peers(
        SetRule rule,
        BlockTable blocks,
        ILookup<PeerGroup, Block> byGroup,
        IReadOnlyCollection<PolicyIdentity> identities,
        Func<uint, IEnumerable<Ip>> addresses
    ) =>
        (rule.Ports, rule.Peers.Match) switch
        {
            (NumberedPorts ports, Rules.AnyPeer) => [(AnyPeer, ports.Protocol, ports.Range)],
            (NumberedPorts ports, BlockPeer) => byGroup[rule.Peers]
                .Select(block => (block.Number, ports.Protocol, ports.Range)),
            (NumberedPorts ports, _) => rule.Peers.Members.Keys.Select(identity =>
                (identity, ports.Protocol, ports.Range)
            ),
            (NamedPort name, BlockPeer) => Inside(rule, name, identities, addresses)
                .SelectMany(pod =>
                    pod.Identity.Resolve(name)
                        .Select(port => (blocks.Find(pod.Address)!.Number, name.Protocol, Single(port)))
                ),
            (NamedPort name, _) => (rule.Peers.Match is PodPeer ? rule.Peers.Members.Values : identities).SelectMany(
                identity => Resolved(name, identity).Select(port => (identity.Id, port.Protocol, port.Ports))
            ),
            _ => [],
        };

    /// <summary>What a rule allows to an identity as such: not as anybody, nor by an address.</summary>
    private static IEnumerable<(Transport Protocol, PortRange Ports)> Allowed(SetRule rule, PolicyIdentity identity) =>
        (rule.Ports, rule.Peers.Match) switch
        {
            (NumberedPorts ports, PodPeer) when rule.Peers.Members.ContainsKey(identity.Id) =>
            [
                (ports.Protocol, ports.Range),
            ],
            (NamedPort name, PodPeer) when rule.Peers.Members.ContainsKey(identity.Id) => Resolved(name, identity),
            (NamedPort name, Rules.AnyPeer) => Resolved(name, identity),
            _ => [],
        };

    private static IEnumerable<(Transport Protocol, PortRange Ports)> Resolved(
        NamedPort name,
        PolicyIdentity identity
    ) => identity.Resolve(name).Select(port => (name.Protocol, Single(port)));

    private static IEnumerable<(PolicyIdentity Identity, Ip Address)> Inside(
        SetRule rule,
        NamedPort name,
        IReadOnlyCollection<PolicyIdentity> identities,
        Func<uint, IEnumerable<Ip>> addresses
    ) =>
        from identity in identities
        where identity.Resolve(name).Any()
        from address in addresses(identity.Id)
        where ((BlockPeer)rule.Peers.Match).Contains(address)
        select (identity, address);

    private static PortRange Single(ushort port) => new(port, port);
}
