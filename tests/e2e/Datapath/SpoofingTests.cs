using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>A pod speaks for itself only, whatever it may do inside of its own namespace.</summary>
[Collection(typeof(InSharedLabs))]
public sealed class SpoofingTests(SharedLabs labs)
{
    private const string Reason = "SPOOFED_SOURCE";

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void Nothing_leaves_a_pod_under_a_foreign_address(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        foreach (var target in (Machine[])[lab.B, lab.C, lab.Nodes[0], lab.Nodes[1], lab.Outside])
        {
            using var server = target.Udp(family);
            using var honest = lab.A.UdpTo(server.LocalEndPoint!);
            foreach (var source in Foreign(lab, family).Where(source => !source.Equals(target[family])))
            {
                var before = lab.Drops(1, Reason);
                using var forging = lab.A.Forging(SocketType.Dgram, source);
                for (var i = 0; i < 3; i++)
                {
                    forging.SendTo("forged"u8, server.LocalEndPoint!);
                }

                // It took the same way after them: they would have come before it.
                honest.Send("honest"u8);
                Assert.Equal("honest", server.ReceiveText());
                Assert.Equal(before + 3, lab.Drops(1, Reason));
            }

            server.AssertSilent();
        }
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void No_connection_is_opened_under_a_foreign_address(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        using var server = lab.C.Listen(family);
        var before = lab.Drops(1, Reason);
        using var forging = lab.A.Forging(SocketType.Stream, lab.B[family]);
        forging.Blocking = false;
        Assert.Equal(SocketError.WouldBlock, Traffic.ErrorOf(() => forging.Connect(server.LocalEndPoint!)));
        Traffic.Eventually("the SYN is dropped", TimeSpan.FromSeconds(2), () => lab.Drops(1, Reason) > before);
        server.AssertSilent();
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void Fragments_are_no_way_around(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        using var server = lab.C.Udp(family);
        var before = lab.Drops(1, Reason);
        using var forging = lab.A.Forging(SocketType.Dgram, lab.B[family]);
        forging.SendTo(Traffic.Bytes(4000), server.LocalEndPoint!);
        Assert.Equal(before + 3, lab.Drops(1, Reason));
        server.AssertSilent();
    }

    /// <summary>The tunnel's port is open to whoever can reach a node: what comes in there must come from a node.</summary>
    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public void A_tunnel_packet_that_a_pod_or_the_world_made_goes_nowhere(AddressFamily family)
    {
        var lab = labs["vxlan"];
        using var victim = lab.B.Udp(family);
        using var distant = lab.C.Udp(family);
        foreach (var forger in (Machine[])[lab.A, lab.C, lab.Outside])
        {
            foreach (var (node, target) in ((int, Socket)[])[(1, victim), (2, distant)])
            {
                var before = lab.Drops(node, "FOREIGN_TUNNEL");
                foreach (var outer in (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
                {
                    using var tunnel = forger.UdpTo(new IPEndPoint(lab.Nodes[node - 1][outer], 8472));
                    tunnel.Send(
                        Vxlan.Wrap(new IPEndPoint(lab.Nodes[1][family], 53), (IPEndPoint)target.LocalEndPoint!)
                    );
                }

                target.AssertSilent();
                Assert.Equal(before + 2, lab.Drops(node, "FOREIGN_TUNNEL"));
            }
        }
    }

    private static IEnumerable<IPAddress> Foreign(TwoNodes lab, AddressFamily family) =>
        [
            lab.B[family],
            lab.C[family],
            lab.Nodes[0][family],
            lab.Nodes[1][family],
            lab.Outside[family],
            // The gateway of node 1's pods, and an address of its pods that nobody has.
            IPAddress.Parse(family == AddressFamily.InterNetwork ? "10.244.1.1" : "fd00:10:244:1::1"),
            IPAddress.Parse(family == AddressFamily.InterNetwork ? "10.244.1.200" : "fd00:10:244:1::200"),
        ];
}
