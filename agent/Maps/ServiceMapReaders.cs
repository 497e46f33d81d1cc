using System.Runtime.InteropServices;
using Weft.Agent.Services;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Net;
using Weft.Services;
using static Weft.Agent.Maps.MapText;

namespace Weft.Agent.Maps;

/// <summary>The maps of Services. Numbers of Services and of lists of backends get the names of the Services' ports.</summary>
internal static class ServiceMapReaders
{
    public static IEnumerable<MapReader> Of(LoadedDatapath datapath, NodeServices? services)
    {
        return
        [
            MapReader.Of(
                datapath.Services,
                [
                    new("address"),
                    new("side"),
                    new("service"),
                    new("list"),
                    new("backends"),
                    new("serving"),
                    new("affinity"),
                    new("flags"),
                ],
                () => Service
            ),
            MapReader.Of(
                datapath.Backends,
                [new("list"), new("service"), new("slot"), new("backend", MapCell.End)],
                () =>
                {
                    var names = ByList();
                    return (key, value) =>
                        [
                            Number(key.List),
                            names.GetValueOrDefault(key.List) ?? None,
                            Number(key.Slot),
                            End(value.Address, value.PortNetwork),
                        ];
                }
            ),
            MapReader.Of(
                datapath.ServiceSources,
                [new("service"), new("prefix")],
                () =>
                {
                    var names = ByNumber();
                    return (key, _) =>
                        [names(key.Number), Prefix(key.Address, key.PrefixLength - ServiceSourceKey.NumberBits)];
                }
            ),
            MapReader.Of(
                datapath.Affinity,
                [new("client", MapCell.Address), new("service"), new("backend", MapCell.End), new("used")],
                () =>
                {
                    var names = ByNumber();
                    return (key, value) =>
                        [
                            Client(key.Client),
                            names(key.Service),
                            End(value.Backend.Address, value.Backend.PortNetwork),
                            Since(value.UsedNs),
                        ];
                }
            ),
            MapReader.Of(
                datapath.Sockets,
                [new("socket"), new("way"), new("address", MapCell.End), new("inItsPlace", MapCell.End)],
                (key, value) =>
                    [
                        $"{key.Cookie}",
                        key.Way == SocketWay.ToService ? "service to backend" : "backend to service",
                        End(key.Address, key.PortNetwork),
                        End(value.Peer.Address, value.Peer.PortNetwork),
                    ]
            ),
            MapReader.Of(
                datapath.Translations,
                [
                    new("protocol"),
                    new("from", MapCell.End),
                    new("to", MapCell.End),
                    new("becomesFrom", MapCell.End),
                    new("becomesTo", MapCell.End),
                    new("of"),
                    new("state"),
                    new("expires"),
                ],
                Translated
            ),
            MapReader.Of(
                datapath.NodePorts,
                [new("port"), new("service")],
                () =>
                {
                    var names = ByPort();
                    return (key, _) =>
                        [
                            Port(key.PortNetwork, key.Protocol),
                            names.GetValueOrDefault(Port(key.PortNetwork, key.Protocol)) ?? None,
                        ];
                }
            ),
            MapReader.Of(datapath.PacketOnly, [new("networkNamespace")], (key, _) => [$"{key}"]),
        ];

        string[] Service(ServiceKey key, ServiceValue value)
        {
            var address = AddressOf(key);
            return
            [
                $"{address}",
                key.Side == ServiceSide.Inside ? "inside" : "outside",
                services?.Read(engine => engine.Find(address)) is { } frontend ? NameOf(frontend.Port) : None,
                Number(value.List),
                Number(value.Count),
                Number(value.Serving),
                value.AffinitySeconds == 0 ? None : $"{Number(value.AffinitySeconds)}s",
                Flags(value.Flags),
            ];
        }

        Func<uint, string> ByNumber()
        {
            var names = services?.Read(engine =>
                engine
                    .Frontends.DistinctBy(frontend => frontend.Number)
                    .ToDictionary(frontend => frontend.Number, frontend => NameOf(frontend.Port))
            );
            return number => names?.GetValueOrDefault(number) ?? None;
        }

        // A list may be that of several, and of Services of before a restart, which have no names.
        Dictionary<uint, string> ByList()
        {
            var lists = new Dictionary<uint, SortedSet<string>>();
            datapath.Services.Walk(
                (key, value) =>
                {
                    var address = AddressOf(key);
                    if (services?.Read(engine => engine.Find(address)) is { } frontend)
                    {
                        lists.TryAdd(value.List, new SortedSet<string>(StringComparer.Ordinal));
                        lists[value.List].Add(NameOf(frontend.Port));
                    }
                }
            );
            return lists.ToDictionary(list => list.Key, list => string.Join(' ', list.Value));
        }

        Dictionary<string, string> ByPort() =>
            services?.Read(engine =>
                engine
                    .Frontends.SelectMany(frontend =>
                        ServiceEntry
                            .NodePortsOf(frontend)
                            .Select(port => (Port: Port(port.PortNetwork, port.Protocol), Name: NameOf(frontend.Port)))
                    )
                    .DistinctBy(port => port.Port)
                    .ToDictionary(port => port.Port, port => port.Name)
            )
            ?? [];
    }

    private static string NameOf(Weft.Services.Backends.ServicePortKey port) =>
        port.Name.Length == 0 ? $"{port.Service}" : $"{port.Service}:{port.Name}";

    private static TransportAddress AddressOf(ServiceKey key) =>
        new(key.Address.ToIp(), ConfigValue.ToHost(key.PortNetwork), (Transport)key.Protocol);

    /// <summary>network_client of bpf/cgroup/socket.h: a socket's client is its network namespace.</summary>
    private static string Client(MapAddress client)
    {
        var words = MemoryMarshal.Cast<byte, uint>((ReadOnlySpan<byte>)client);
        return (words[0], words[1]) == (uint.MaxValue, uint.MaxValue)
            ? $"network namespace {((ulong)words[2] << 32) | words[3]}"
            : Address(client);
    }

    private static string[] Translated(NatKey key, Translation value) =>
        [
            Protocol(key.Protocol),
            End(key.Source, key.SourcePortNetwork),
            End(key.Destination, key.DestinationPortNetwork),
            End(value.Source, value.SourcePortNetwork),
            End(value.Destination, value.DestinationPortNetwork),
            value.Reply != 0 ? "backend" : "client",
            Flags(value.Flags) + (value.HandedOver != 0 ? ",HandedOver" : ""),
            Until(value.ExpiresNs),
        ];
}
