using Weft.Datapath;
using Weft.Net;

namespace Weft.Tests.Bpf;

/// <summary>Which backend connections from outside go to.</summary>
public sealed class RendezvousTests : IDisposable
{
    private const ushort NodePort = 30080;
    private const ushort TargetPort = 8080;
    private const int Backends = 100;
    private const int Connections = 600;

    private readonly DatapathFixture fixture = new();

    public RendezvousTests()
    {
        foreach (var net in Net.Both)
        {
            for (var n = 0; n < Backends; n++)
            {
                fixture.AddEndpoint(Backend(net.Pod.IsV4, n), DatapathFixture.OtherPodIdentity, default);
            }
        }
    }

    public static TheoryData<bool> Families => [true, false];

    public void Dispose() => fixture.Reset();

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_node_chooses_alike_whatever_order_it_heard_of_the_backends_in(bool v4)
    {
        var inOrder = Choices(v4, Enumerable.Range(0, Backends), 100);
        Assert.Equal(inOrder, Choices(v4, Enumerable.Range(0, Backends).Reverse(), 100));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Of_a_backend_that_goes_only_its_own_connections_move(bool v4)
    {
        const int Gone = 37;
        var all = Enumerable.Range(0, Backends);
        var before = Choices(v4, all, Connections);
        var after = Choices(v4, all.Where(n => n != Gone), Connections);
        var gone = Backend(v4, Gone);
        Assert.DoesNotContain(gone, after);
        foreach (var (was, now) in before.Zip(after).Where(pair => pair.First != gone))
        {
            Assert.Equal(was, now);
        }

        // What it had is spread over all others.
        Assert.InRange(
            before.Zip(after).Where(pair => pair.First == gone).Select(pair => pair.Second).Distinct().Count(),
            2,
            99
        );
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Backends_get_equal_shares(bool v4)
    {
        const int Few = 5;
        var shares = Choices(v4, Enumerable.Range(0, Few), Connections).CountBy(backend => backend).ToList();
        Assert.Equal(Few, shares.Count);
        // Five standard deviations of a fair choice.
        Assert.All(shares, share => Assert.InRange(share.Value, 71, 169));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void With_affinity_a_client_has_one_backend_through_any_node(bool v4)
    {
        fixture.Serve(
            Of(v4).Node,
            NodePort,
            Packet.Udp,
            Slots(v4, Enumerable.Range(0, 20)),
            affinity: 60,
            side: ServiceSide.Outside
        );
        var first = Choose(v4, 5000);
        // Another node's address.
        fixture.Reset();
        for (var n = 0; n < Backends; n++)
        {
            fixture.AddEndpoint(Backend(v4, n), DatapathFixture.OtherPodIdentity, default);
        }

        fixture.Serve(
            Of(v4).Gateway,
            NodePort,
            Packet.Udp,
            Slots(v4, Enumerable.Range(0, 20).Reverse()),
            affinity: 60,
            side: ServiceSide.Outside
        );
        Assert.Equal(first, Choose(v4, 6000, Of(v4).Gateway));
    }

    private static Net Of(bool v4) => v4 ? Net.V4 : Net.V6;

    private static Ip Backend(bool v4, int n) => Ip.Parse(v4 ? $"10.1.1.{n + 100}" : $"fd00:1:1::{n + 100:x}");

    private static List<(Ip, ushort)> Slots(bool v4, IEnumerable<int> backends) =>
        [.. backends.Select(n => (Backend(v4, n), TargetPort))];

    /// <summary>The backends of as many connections, each node's memory of those before gone.</summary>
    private List<Ip> Choices(bool v4, IEnumerable<int> backends, int connections)
    {
        foreach (var key in fixture.Datapath.Translations.ToDictionary().Keys)
        {
            fixture.Datapath.Translations.Remove(key);
        }

        fixture.Serve(Of(v4).Node, NodePort, Packet.Udp, Slots(v4, backends), side: ServiceSide.Outside);
        return [.. Enumerable.Range(1024, connections).Select(port => Choose(v4, (ushort)port))];
    }

    private Ip Choose(bool v4, ushort port, Ip? destination = null)
    {
        var outcome = fixture.Run(
            fixture.Datapath.Programs.FromNetdev,
            new Packet
            {
                Source = Of(v4).World,
                Destination = destination ?? Of(v4).Node,
                SourcePort = port,
                DestinationPort = NodePort,
            }
        );
        Assert.Equal((TcAction.Redirect, null), (outcome.Action, outcome.Dropped));
        return outcome.Packet.Destination;
    }
}
