using Weft.Agent.Endpoints;
using Weft.Agent.Policy;
using Weft.Contracts;
using Weft.Datapath;
using static Weft.Agent.Maps.MapText;

namespace Weft.Agent.Maps;

/// <summary>The maps of pods and of what their policies allow.</summary>
internal static class PolicyMapReaders
{
    // Bits of a policy key that come before its port.
    private const uint BeforePort = 80;
    private const uint FirstBlock = PolicyWord.LastSet + 1;

    public static IEnumerable<MapReader> Of(LoadedDatapath datapath, Epoch epoch, NodePolicy? policy)
    {
        return
        [
            MapReader.Of(
                datapath.Endpoints,
                [
                    new("address", MapCell.Address),
                    new("device"),
                    new("mac"),
                    new("identity", MapCell.Identity),
                    new("isolated"),
                    new("policySet"),
                ],
                () =>
                {
                    var devices = PacketMaps.DeviceNames();
                    var now = epoch.Current;
                    return (key, value) =>
                        [
                            Address(key),
                            devices(value.IfIndex),
                            $"{value.Mac.ToMac()}",
                            Number(value.Identity),
                            Isolated(value.Policy[now]),
                            Set(value.Policy[now]),
                        ];
                }
            ),
            MapReader.Of(
                datapath.Policy,
                [new("policySet"), new("direction"), new("peer", MapCell.Identity), new("port"), new("allowedBy")],
                (key, value) =>
                    [
                        Set(PolicyWord.Of(key.Set, ingress: true, egress: true)),
                        Direction(key.Direction),
                        Peer(key.Peer),
                        Ports(key),
                        policy?.RuleOf(PolicyWord.Of(key.Set, ingress: true, egress: true), value) ?? None,
                    ]
            ),
            MapReader.Of(
                datapath.PolicyBlocks,
                [new("policySet"), new("prefix"), new("peer")],
                (key, value) =>
                    [
                        Set(PolicyWord.Of(key.Set, ingress: true, egress: true)),
                        Prefix(key.Address, key.PrefixLength - PolicyBlockKey.SetBits),
                        Peer(value.Peer),
                    ]
            ),
            MapReader.Of(
                datapath.Denials,
                [
                    new("direction"),
                    new("pod", MapCell.Address),
                    new("peer", MapCell.Address),
                    new("port"),
                    new("packets"),
                    new("ago"),
                    new("peerIdentity", MapCell.Identity),
                    new("policySet"),
                ],
                (key, value) =>
                    [
                        Direction(key.Direction),
                        Address(key.Pod),
                        Address(key.Peer),
                        Port(key.PortNetwork, key.Protocol),
                        Number((long)value.Packets),
                        Since(value.LastNs),
                        Number(value.Identity),
                        Set(value.Policy),
                    ]
            ),
        ];

        string Set(PolicyWord word) =>
            policy?.NameOf(word) is not { } set ? None
            : set.Note is { } note ? $"{Number(set.Number)} ({note})"
            : $"{Number(set.Number)} {string.Join(' ', set.Ingress.Union(set.Egress))}";
    }

    private static string Direction(PolicyDirection direction) => $"{direction}".ToLowerInvariant();

    private static string Isolated(PolicyWord word) =>
        (word.Ingress, word.Egress) switch
        {
            (true, true) => "ingress,egress",
            (true, false) => "ingress",
            (false, true) => "egress",
            _ => None,
        } + (word.Audit ? " (audit)" : "");

    private static string Peer(uint peer) =>
        peer == PolicyKey.AnyPeer ? "any"
        : peer >= FirstBlock ? $"block {Number(peer - FirstBlock)}"
        : Number(peer);

    /// <summary>A key without its port's last bits is a range of them, one without its protocol is for all.</summary>
    private static string Ports(PolicyKey key)
    {
        if (key.PrefixLength <= BeforePort)
        {
            return Protocol(key.PrefixLength < BeforePort ? (byte)0 : key.Protocol);
        }

        var first = ConfigValue.ToHost(key.PortNetwork);
        var last = first | (ushort.MaxValue >> (int)(key.PrefixLength - BeforePort));
        return first == last
            ? Port(key.PortNetwork, key.Protocol)
            : $"{Number(first)}-{Number(last)}/{Protocol(key.Protocol)}";
    }
}
