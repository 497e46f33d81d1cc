using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent.Peers;
using Weft.Agent.Policy;
using Weft.Datapath;
using Weft.Net;

namespace Weft.Tests.Bpf;

/// <summary>The peers map in the kernel is what the cluster says, after bursts, restarts and when it was full.</summary>
public sealed class PeersMapTests
{
    private const string Node = "n2";
    private readonly LoadedDatapath datapath = DatapathFixture.Empty();
    private readonly PeersMap peers;

    public PeersMapTests()
    {
        peers = Agent();
        peers.Change((desired, _) => desired.SetNodes(Plan, Ways));
        peers.Complete();
    }

    private static Dictionary<PeerKey, PeerValue> Plan =>
        new() { [PeerKey.From(Prefix.Parse("10.0.0.0/8"))] = Way.To(true, 4) };

    private static Dictionary<string, PeerWay> Ways => new() { [Node] = Way };

    private static PeerWay Way { get; } = new(To("192.0.2.2"), To("fd00:c0::2"));

    [Fact]
    public void After_every_burst_the_map_is_exactly_what_the_slices_say()
    {
        var random = new Random(1);
        var slices = new Dictionary<string, RemoteEndpoint[]>();
        for (var burst = 0; burst < 20; burst++)
        {
            for (var change = 0; change < 50; change++)
            {
                var slice = random.Next(40);
                slices[$"s{slice}"] =
                [
                    .. Enumerable
                        .Range(0, 100)
                        .Where(_ => random.Next(3) > 0)
                        .Select(i => Pod((slice * 100) + i, (uint)random.Next(256, 300))),
                ];
                Set($"s{slice}", slices[$"s{slice}"]);
            }

            var expected = slices
                .Values.SelectMany(pods => pods)
                .SelectMany(pod => new[] { (pod.First, pod.Identity), (pod.Second, pod.Identity) })
                .ToDictionary(pod => PeerKey.From(pod.Item1.ToPrefix()), pod => Way.To(pod.Item1, pod.Identity));
            foreach (var (key, value) in Plan)
            {
                expected[key] = value;
            }

            Assert.Equal(expected, datapath.Peers.ToDictionary());
        }
    }

    [Fact]
    public void What_does_not_fit_is_written_when_there_is_room()
    {
        // As many as the map holds, with the one prefix of the plan.
        var capacity = (int)datapath.Peers.Capacity;
        var fill = Enumerable.Range(0, (capacity / 2) - 1).Select(i => Pod(i, 300)).ToArray();
        Set("s0", fill);
        Assert.Equal(0, peers.Behind);
        Set("s1", Pod(capacity, 301), Pod(capacity + 1, 301));
        Assert.Equal(3, peers.Behind);
        Assert.Equal(capacity, datapath.Peers.Count());

        Set("s0", fill[2..]);
        Assert.Equal(0, peers.Behind);
        Assert.Equal(301u, IdentityOf(Pod(capacity + 1, 0).Second));
    }

    [Fact]
    public void After_a_restart_nothing_goes_before_everything_is_known_and_then_what_is_not_desired_does()
    {
        Set("s0", Pod(1, 300), Pod(2, 300));
        var next = Agent();
        next.Change((desired, _) => desired.SetNodes(Plan, Ways));
        next.Change((desired, now) => desired.SetSlice("s0", Node, [Pod(2, 301)], now));
        Assert.Equal((300u, 301u), (IdentityOf(Pod(1, 0).First), IdentityOf(Pod(2, 0).First)));

        next.Complete();
        Assert.Equal((4u, 301u), (IdentityOf(Pod(1, 0).First), IdentityOf(Pod(2, 0).First)));
        Assert.Equal(3, datapath.Peers.Count());
    }

    [Fact]
    public void What_the_map_has_of_a_pod_is_newer_than_what_was_written_down()
    {
        Set("s0", Pod(1, 300));
        var next = Agent();
        next.Seed();
        next.Change((desired, now) => desired.SetSlice("s0", Node, [Pod(1, 299), Pod(2, 299)], now));
        next.Change((desired, _) => desired.SetNodes(Plan, Ways));
        next.Seeded();
        Assert.Equal((300u, 299u), (IdentityOf(Pod(1, 0).First), IdentityOf(Pod(2, 0).First)));

        // The API server says so again: now it is true.
        next.Complete();
        Assert.Equal(299u, IdentityOf(Pod(1, 0).First));
    }

    private PeersMap Agent() =>
        new(
            datapath.Peers,
            new DesiredPeers("n1"),
            new Epoch(datapath.Epoch),
            TimeProvider.System,
            NullLogger.Instance
        );

    private void Set(string slice, params RemoteEndpoint[] pods) =>
        peers.Change((desired, now) => desired.SetSlice(slice, Node, pods, now));

    private uint IdentityOf(Ip address) =>
        datapath.Peers.TryLookup(PeerKey.From(address.ToPrefix()), out var value) ? value.Identity : 0;

    private static RemoteEndpoint Pod(int i, uint identity) =>
        new(Ip.FromV4(0x0a000000u + (uint)i), new Ip(Ip.Parse("fd00::").Value + (uint)i + 1), identity);

    private static PeerValue To(string node) => new() { Node = MapAddress.From(Ip.Parse(node)), Kind = PeerKind.Pod };
}
