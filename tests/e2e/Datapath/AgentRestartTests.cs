using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Weft.Contracts;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>The datapath outlives the agent: nobody notices that it ends by force or starts again.</summary>
[Collection(typeof(InSharedLabs))]
public sealed class AgentRestartTests
{
    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    [Theory]
    [InlineData("vxlan")]
    [InlineData("native")]
    public void No_packet_is_lost_when_the_agents_are_killed_and_started(string routing)
    {
        using var lab = TwoNodes.Up(routing);
        var ways =
            from to in (Machine[])[lab.B, lab.C, lab.Outside, lab.Nodes[0]]
            from family in Families
            select (to, family);
        var streams = ways.Select(way => (way, Stream: new Stream(lab.A, way.to, way.family))).ToList();
        var pings = ways.Select(way => (way, Ping: new Ping(lab.A, way.to, way.family))).ToList();
        try
        {
            for (var round = 0; round < 2; round++)
            {
                foreach (var node in (int[])[1, 2])
                {
                    Thread.Sleep(200);
                    lab.KillAgent(node);
                    Thread.Sleep(200);
                    lab.StartAgent(node);
                }
            }

            Thread.Sleep(200);
            foreach (var (way, stream) in streams)
            {
                Assert.True(stream.Stop() > 0, $"nothing went to {way}");
            }

            Assert.All(
                pings,
                ping =>
                {
                    var (sent, lost) = ping.Ping.Stop();
                    Assert.True(lost == 0, $"to {ping.way} {lost} of {sent} were lost");
                    Assert.True(sent > 100, $"to {ping.way} only {sent} were sent");
                }
            );
        }
        finally
        {
            streams.ForEach(stream => stream.Stream.Dispose());
            pings.ForEach(ping => ping.Ping.Dispose());
        }
    }

    [Theory]
    [InlineData("vxlan")]
    [InlineData("native")]
    public void New_connections_work_while_the_agents_are_down(string routing)
    {
        using var lab = TwoNodes.Up(routing);
        lab.KillAgent(1);
        lab.KillAgent(2);
        foreach (var family in Families)
        {
            foreach (var to in (Machine[])[lab.B, lab.C, lab.Nodes[0], lab.Nodes[1]])
            {
                Assert.Equal(lab.A[family], Traffic.Tcp(lab.A, to, family));
                Assert.Equal(lab.A[family], Traffic.Udp(lab.A, to, family));
            }

            Assert.Equal(lab.Nodes[0][family], Traffic.Tcp(lab.A, lab.Outside, family));
            Assert.Equal(lab.Nodes[0][family], Traffic.Udp(lab.A, lab.Outside, family));
            Traffic.Tcp(lab.Nodes[0], lab.C, family);
        }
    }

    [Theory]
    [InlineData("vxlan")]
    [InlineData("native")]
    public void A_started_agent_finds_everything_as_it_was(string routing)
    {
        using var lab = TwoNodes.Up(routing);
        var flows = Families
            .Select(family =>
            {
                var server = lab.Outside.Udp(family);
                var pod = lab.A.UdpTo(server.LocalEndPoint!);
                return (Pod: pod, Server: server, SeenAs: Traffic.Exchange(pod, server, Traffic.Bytes(10)));
            })
            .ToList();
        using (var forging = lab.A.Forging(SocketType.Dgram, lab.B[AddressFamily.InterNetwork]))
        {
            forging.SendTo("forged"u8, new IPEndPoint(lab.C[AddressFamily.InterNetwork], 9));
        }

        var before = lab.State(1);
        lab.KillAgent(1);
        lab.StartAgent(1);
        var after = lab.State(1);

        Assert.Equal(Endpoints(before), Endpoints(after));
        Assert.Equal(before.Addresses, after.Addresses);
        Assert.Equal(Drops(before), Drops(after));
        Assert.Equal(before.Maps, after.Maps);
        Assert.Equal(before.Peers.Select(peer => peer.Name), after.Peers.Select(peer => peer.Name));
        foreach (var (pod, server, seenAs) in flows)
        {
            // The world can still reach the pod through the flow, and the pod goes on under the same port.
            server.SendTo("unasked"u8, seenAs);
            Assert.Equal("unasked", pod.ReceiveText());
            Assert.Equal(seenAs, Traffic.Exchange(pod, server, Traffic.Bytes(10)));
            pod.Dispose();
            server.Dispose();
        }
    }

    [Fact]
    public void What_changes_while_the_agent_is_down_is_made_up_for()
    {
        using var lab = TwoNodes.Up("vxlan");
        lab.KillAgent(1);
        var file = lab.PeerFile(2);
        var peer = JsonNode.Parse(File.ReadAllText(file))!;
        peer["podCidrs"]!.AsArray().Add("10.99.0.0/24");
        File.WriteAllText(file, peer.ToJsonString());
        using (var routes = Weft.Netlink.RouteSocket.Open(lab.Nodes[0].Network))
        {
            Assert.DoesNotContain(routes.Routes(), route => route.Destination.ToString() == "10.99.0.0/24");
            lab.StartAgent(1);
            Assert.Contains(routes.Routes(), route => route.Destination.ToString() == "10.99.0.0/24");
        }

        Assert.Contains("10.99.0.0/24", Assert.Single(lab.State(1).Peers).PodCidrs);
        Assert.Equal(lab.A[AddressFamily.InterNetwork], Traffic.Tcp(lab.A, lab.C, AddressFamily.InterNetwork));
    }

    private static IEnumerable<string> Endpoints(AgentState state) =>
        state.Endpoints.Select(e => $"{e.Id} {e.Pod} {e.HostInterface} {string.Join(' ', e.Addresses)}").Order();

    private static IEnumerable<string> Drops(AgentState state) =>
        state.Drops.Where(drop => drop.Reason == "SPOOFED_SOURCE").Select(drop => drop.ToString());
}
