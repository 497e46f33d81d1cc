using System.Net.Sockets;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>Nodes come, go and change by their files.</summary>
[Collection(typeof(InSharedLabs))]
public sealed class PeerTests(ITestOutputHelper output)
{
    // The promise is a second; the machine that runs this may be busy with other things as well.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    [Theory]
    [InlineData("vxlan")]
    [InlineData("native")]
    public void A_node_that_goes_and_comes_back_is_followed_at_once(string routing)
    {
        using var lab = TwoNodes.Up(routing);
        var file = lab.PeerFile(2);
        var content = File.ReadAllText(file);
        AssertReachable(lab);

        File.Delete(file);
        var gone = Traffic.Eventually("no route leads to the node's pods", Patience, () => Routes(lab).Count == 0);
        Assert.Empty(lab.State(1).Peers);
        Assert.All(Families, family => AssertUnreachable(lab, family));
        AssertLocalWorks(lab);

        File.WriteAllText(file, content);
        var back = Traffic.Eventually("routes lead to the node's pods", Patience, () => Routes(lab).Count == 2);
        AssertReachable(lab);
        output.WriteLine(
            $"{routing}: gone after {gone.TotalMilliseconds:F0} ms, back after {back.TotalMilliseconds:F0} ms"
        );
    }

    [Fact]
    public void A_file_that_makes_no_sense_is_reported_and_cuts_nobody_off()
    {
        using var lab = TwoNodes.Up("vxlan");
        var file = lab.PeerFile(2);
        var content = File.ReadAllText(file);
        var broken = new[] { "", "{", "null", """{"name":"node2"}""", content.Replace("/24", "/99") };
        using var stream = new Stream(lab.A, lab.C, AddressFamily.InterNetwork);
        foreach (var text in broken)
        {
            var reports = Reports(lab);
            File.WriteAllText(file, text);
            Traffic.Eventually($"'{text}' is reported", Patience, () => Reports(lab) > reports);
            Assert.Equal(2, Routes(lab).Count);
            AssertReachable(lab);
        }

        // What was right about others all the time is right still, and a good file counts at once.
        File.WriteAllText(lab.PeerFile(3), Node3);
        Traffic.Eventually("the third node is known", Patience, () => lab.State(1).Peers.Count == 2);
        File.WriteAllText(file, content);
        File.Delete(lab.PeerFile(3));
        Traffic.Eventually("the third node is gone", Patience, () => lab.State(1).Peers.Count == 1);
        AssertReachable(lab);
        Assert.True(stream.Stop() > 0);
    }

    [Fact]
    public void A_node_that_claims_anothers_pods_is_left_out()
    {
        using var lab = TwoNodes.Up("vxlan");
        File.WriteAllText(lab.PeerFile(3), Node3.Replace("10.244.3.0/24", "10.244.0.0/16"));
        Traffic.Eventually(
            "the claim is reported",
            Patience,
            () => lab.AgentLog(1).Contains("overlaps", StringComparison.Ordinal)
        );
        AssertReachable(lab);
    }

    private const string Node3 = """
        {"name":"node3","addresses":["192.0.2.13","fd00:c0::13"],"podCidrs":["10.244.3.0/24","fd00:10:244:3::/64"]}
        """;

    private static int Reports(TwoNodes lab) => lab.AgentLog(1).Split("is not used").Length - 1;

    private static List<Route> Routes(TwoNodes lab)
    {
        using var routes = RouteSocket.Open(lab.Nodes[0].Network);
        return
        [
            .. routes
                .Routes()
                .Where(route =>
                    route.Destination.Contains(Ip.From(lab.C[AddressFamily.InterNetwork]))
                        && route.Destination.Length > 0
                    || route.Destination.Contains(Ip.From(lab.C[AddressFamily.InterNetworkV6]))
                        && route.Destination.Length > 0
                ),
        ];
    }

    private static void AssertReachable(TwoNodes lab)
    {
        foreach (var family in Families)
        {
            Assert.Equal(lab.A[family], Traffic.Tcp(lab.A, lab.C, family));
            Traffic.Tcp(lab.Nodes[0], lab.C, family);
        }
    }

    private static void AssertUnreachable(TwoNodes lab, AddressFamily family)
    {
        using var server = lab.C.Udp(family);
        using var pod = lab.A.UdpTo(server.LocalEndPoint!);
        pod.Send("lost"u8);
        server.AssertSilent();
    }

    private static void AssertLocalWorks(TwoNodes lab)
    {
        foreach (var family in Families)
        {
            Assert.Equal(lab.A[family], Traffic.Tcp(lab.A, lab.B, family));
            Assert.Equal(lab.Nodes[0][family], Traffic.Tcp(lab.A, lab.Outside, family));
        }
    }
}
