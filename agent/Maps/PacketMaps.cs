using Weft.Contracts;
using Weft.Datapath;
using Weft.Netlink;
using static Weft.Agent.Maps.MapText;

namespace Weft.Agent.Maps;

/// <summary>The maps of addresses, devices and connections.</summary>
internal static class PacketMaps
{
    public static IEnumerable<MapReader> Readers(LoadedDatapath datapath) =>
        [
            MapReader.Of(
                datapath.Peers,
                [
                    new("prefix", MapCell.Prefix),
                    new("kind"),
                    new("node", MapCell.Address),
                    new("identity", MapCell.Identity),
                ],
                (key, value) =>
                    [
                        Prefix(key.Address, key.PrefixLength),
                        $"{value.Kind}".ToLowerInvariant(),
                        Address(value.Node),
                        Number(value.Identity),
                    ]
            ),
            MapReader.Of(
                datapath.Devices,
                [new("device"), new("ipv4"), new("ipv6")],
                () =>
                {
                    var names = DeviceNames();
                    return (key, value) => [names(key), Address(value.V4), Address(value.V6)];
                }
            ),
            MapReader.Of(
                datapath.Flows,
                [
                    new("protocol"),
                    new("from", MapCell.End),
                    new("to", MapCell.End),
                    new("state"),
                    new("masqueradedAs"),
                    new("expires"),
                ],
                Flow
            ),
            MapReader.Of(
                datapath.Nat,
                [new("protocol"), new("from", MapCell.End), new("to", MapCell.End), new("pod", MapCell.End)],
                (key, value) =>
                    [
                        Protocol(key.Protocol),
                        End(key.Source, key.SourcePortNetwork),
                        End(key.Destination, key.DestinationPortNetwork),
                        End(value.Address, value.PortNetwork),
                    ]
            ),
            new MapReader(datapath.Drops.Name, _ => Drops(datapath)),
        ];

    /// <summary>Names of devices by their indexes, as they are now.</summary>
    public static Func<uint, string> DeviceNames()
    {
        using var host = RouteSocket.Open();
        var names = host.Links().ToDictionary(link => (uint)link.Index.Value, link => link.Name);
        return index => names.GetValueOrDefault(index) ?? $"gone ({Number(index)})";
    }

    /// <summary>From who opened it to the other end.</summary>
    private static string[] Flow(FlowKey key, FlowValue value)
    {
        var low = End(key.Low, key.LowPortNetwork);
        var high = End(key.High, key.HighPortNetwork);
        var highBegan = value.Flags.HasFlag(FlowFlags.HighBegan);
        return
        [
            Protocol(key.Protocol),
            highBegan ? high : low,
            highBegan ? low : high,
            Flags(value.Flags & ~FlowFlags.HighBegan),
            End(value.NatAddress, value.NatPortNetwork),
            Until(value.ExpiresNs),
        ];
    }

    private static MapAnswer Drops(LoadedDatapath datapath)
    {
        string[][] rows =
        [
            .. datapath
                .ReadDrops()
                .Where(drop => drop.Count.Packets > 0)
                .Select(drop =>
                    (string[])[drop.Reason.Name, Number((long)drop.Count.Packets), Number((long)drop.Count.Bytes)]
                ),
        ];
        return new MapAnswer([new("reason"), new("packets"), new("bytes")], rows, rows.Length);
    }
}
