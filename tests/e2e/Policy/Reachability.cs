using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Weft.Lab.Probes;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>A port of all pods and who must reach it from where.</summary>
internal sealed record Expectation(PathProtocol Protocol, ushort Port, Func<PodRef, PodRef, bool> Allowed)
{
    public override string ToString() => $"{Protocol.ToString().ToUpperInvariant()}/{Port}";
}

/// <summary>How a pod is reached.</summary>
internal enum Way
{
    /// <summary>By its own address.</summary>
    PodAddress,

    /// <summary>By its Service, from a socket that gets the pod's address in the Service's place.</summary>
    ServiceBySocket,

    /// <summary>By its Service, from a socket that is left alone, so its packets are translated.</summary>
    ServiceByPackets,
}

/// <summary>
/// The truth table of a cluster: every pod to every other, in both families and every way there is. A pod that talks to
/// itself is left out, as by Kubernetes' tests.
/// </summary>
internal static class Reachability
{
    /// <summary>What Kubernetes' own tests give a change to reach all nodes.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Waits until everything is as expected, and says what is not when it does not become so.</summary>
    public static async Task BecomesAsync(IReadOnlyList<PolicyPod> pods, params IReadOnlyList<Expectation> expectations)
    {
        var watch = Stopwatch.StartNew();
        var cells = expectations.SelectMany(expectation => Cells(pods, expectation)).ToList();
        while (true)
        {
            var wrong = await WrongAsync(cells);
            if (wrong.Count == 0)
            {
                return;
            }

            Assert.True(
                watch.Elapsed < Limit,
                $"after {Limit.TotalSeconds} s, {wrong.Count} of {cells.Count} paths are wrong:\n{string.Join('\n', wrong.Take(40))}"
            );
        }
    }

    private static async Task<List<string>> WrongAsync(List<Cell> cells)
    {
        var open = await PathProbe.TryAsync([.. cells.Select(PathOf)], [.. cells.Select(cell => cell.Allowed)]);
        return
        [
            .. cells
                .Where((cell, i) => cell.Allowed != open[i])
                .Select(cell =>
                    $"{cell.From.Name}@{cell.From.Node.Name} to {cell.Peer.Name}@{cell.Peer.Node.Name} {cell.Of} over {Family(cell.To)} by {cell.Way}: {(cell.Allowed ? "must work" : "must be denied")}"
                ),
        ];
    }

    private static IEnumerable<Cell> Cells(IReadOnlyList<PolicyPod> pods, Expectation expectation) =>
        from source in pods
        from destination in pods
        where source != destination
        from way in Enum.GetValues<Way>()
        from to in Destinations(destination, way, expectation)
        select new Cell(source, destination, way, to, expectation, expectation.Allowed(source.Name, destination.Name));

    private static IEnumerable<IPEndPoint> Destinations(PolicyPod pod, Way way, Expectation of) =>
        way switch
        {
            Way.PodAddress => pod.Addresses.Select(address => new IPEndPoint(address, of.Port)),
            // A raw socket has no backend.
            Way.ServiceBySocket when of.Protocol == PathProtocol.Sctp => [],
            _ => pod.ClusterIPs.Select(address => new IPEndPoint(address, PolicyPod.ServicePort(of.Port, of.Protocol))),
        };

    private static ProbePath PathOf(Cell cell) =>
        new(cell.From.Network, cell.To, cell.Of.Protocol, cell.Way == Way.ServiceBySocket ? cell.From.Node : null);

    private static string Family(IPEndPoint to) => to.AddressFamily == AddressFamily.InterNetwork ? "IPv4" : "IPv6";

    private sealed record Cell(PolicyPod From, PolicyPod Peer, Way Way, IPEndPoint To, Expectation Of, bool Allowed);
}
