using System.Net;
using Weft.Lab.Linux;
using Weft.Lab.Probes;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Lab;

/// <summary>What a place is to a cluster.</summary>
public enum PlaceKind
{
    Pod,
    Node,
    Outside,
}

/// <summary>Where packets come from or go to.</summary>
/// <param name="Node">Number of the node it is on; 0 outside.</param>
/// <param name="Netns">Path of its network namespace.</param>
public sealed record Place(PlaceKind Kind, string Name, int Node, string Netns, IReadOnlyList<Ip> Addresses);

/// <summary>One path, tried.</summary>
/// <param name="Problem">What is wrong with it, or null.</param>
/// <param name="Micros">Median round trip over TCP, when that came so far.</param>
public sealed record MatrixCell(Place Source, Place Destination, Ip Address, string? Problem, double? Micros);

/// <summary>
/// Tries every path of a lab that has to work: from each pod and node to each other pod, each node and the outside,
/// in both families, over TCP, UDP and ICMP. One process does it all: a socket stays in the namespace it was made in.
/// </summary>
public static class Matrix
{
    private const int RoundTrips = 20;

    public static IReadOnlyList<MatrixCell> Run(LabDirectory lab)
    {
        using var beside = LabLock.BesideOthers(lab);

        // Waking another core costs more than most paths do, and would hide what they cost.
        ThisProcess.StayOnOneCore();
        var places = Places(lab);
        var servers = places.SelectMany(Serve).ToDictionary(s => s.Address, s => s.Server);
        try
        {
            // One path after the other, so that none disturbs another's latency.
            return
            [
                .. places
                    .Where(p => p.Kind != PlaceKind.Outside)
                    .SelectMany(source => In(source.Netns, () => From(source, places, servers))),
            ];
        }
        finally
        {
            foreach (var server in servers.Values)
            {
                server.Dispose();
            }
        }
    }

    /// <summary>What the other end must have seen of the source; null where both its own and its node's will do.</summary>
    internal static Ip? MustBeSeenAs(Place source, Place destination, Ip address) =>
        (source.Kind, destination.Kind) switch
        {
            // Kubernetes' network model: pods reach each other without translation.
            (PlaceKind.Pod, PlaceKind.Pod) => OfFamily(source.Addresses, address),
            // The world has no route to pods.
            (_, PlaceKind.Outside) => OfFamily([.. AddressPlan.OfNode(source.Node).Select(p => p.Address)], address),
            _ => null,
        };

    private static IReadOnlyList<Place> Places(LabDirectory lab) =>
        [
            .. lab.PodNames()
                .Select(name =>
                {
                    var record = LabPod.Load(lab.Pod(name));
                    return new Place(
                        PlaceKind.Pod,
                        name.ToString(),
                        record.Node,
                        lab.Pod(name).Netns,
                        [.. record.Addresses.Select(Ip.Parse)]
                    );
                })
                .OrderBy(p => p.Node),
            .. lab.NodeNumbers()
                .Select(n => new Place(
                    PlaceKind.Node,
                    lab.Node(n).Name,
                    n,
                    lab.Node(n).Netns,
                    [.. AddressPlan.OfNode(n).Select(p => p.Address)]
                )),
            new Place(PlaceKind.Outside, "outside", 0, lab.OutsideNetns, AddressPlan.World),
        ];

    private static IReadOnlyList<(Ip Address, ProbeServer Server)> Serve(Place place) =>
        In(
            place.Netns,
            () => place.Addresses.Select(a => (a, ProbeServer.Start(new IPEndPoint(a.ToIPAddress(), 0)))).ToList()
        );

    private static List<MatrixCell> From(
        Place source,
        IReadOnlyList<Place> places,
        Dictionary<Ip, ProbeServer> servers
    ) =>
        [
            .. from destination in places
            where destination != source
            from address in destination.Addresses
            select Try(source, destination, address, servers[address].Address),
        ];

    private static MatrixCell Try(Place source, Place destination, Ip address, IPEndPoint server)
    {
        var tcp = Probe.Tcp(server, RoundTrips);
        var expected = MustBeSeenAs(source, destination, address)?.ToString();
        var problem =
            Problem("tcp", tcp, expected)
            ?? Problem("udp", Probe.Udp(server, RoundTrips), expected)
            ?? Problem("ping", Probe.Ping(server.Address, RoundTrips), null);
        return new MatrixCell(source, destination, address, problem, tcp.Ok ? tcp.RttMicros[0] : null);
    }

    private static string? Problem(string protocol, ProbeResult result, string? expected) =>
        !result.Ok ? $"{protocol}: {result.Problem}"
        : expected is not null && result.SeenAs != expected ? $"{protocol}: seen as {result.SeenAs}, not {expected}"
        : null;

    private static Ip? OfFamily(IReadOnlyList<Ip> addresses, Ip like) =>
        addresses.Where(a => a.IsV4 == like.IsV4).Select(a => (Ip?)a).FirstOrDefault();

    private static T In<T>(string netns, Func<T> inside)
    {
        using var network = NetworkNamespace.Open(netns);
        return network.Run(inside);
    }
}
