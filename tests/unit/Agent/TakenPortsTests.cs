using Weft.Agent.Services;
using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Tests.Unit.Agent;

public sealed class TakenPortsTests
{
    private const string Listening = "0A";

    [Theory]
    [InlineData("   0: 00000000:75E4 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0", (ushort)30180)]
    [InlineData("   1: 00000000000000000000000000000000:75E4 00000000000000000000000000000000:0000 0A", (ushort)30180)]
    [InlineData("   2: 0100007F:75E4 00000000:0000 0A", null)]
    [InlineData("   3: 00000000000000000000000001000000:75E4 00000000000000000000000000000000:0000 0A", null)]
    [InlineData("   4: 0000000000000000FFFF00000100007F:75E4 00000000000000000000000000000000:0000 0A", null)]
    [InlineData("   5: 0B0200C0:75E4 0C0200C0:D431 01", null)]
    [InlineData("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid", null)]
    public void A_listener_that_others_reach_has_its_port(string line, ushort? port) =>
        Assert.Equal(port, TakenPorts.PortOf(line, Listening));

    [Fact]
    public void A_node_port_that_a_process_has_in_its_protocol_is_a_problem_of_the_Service()
    {
        var (web, dns) = (new ObjectKey("shop", "web"), new ObjectKey("shop", "dns"));
        var problem = Assert.Single(
            TakenPorts.Of(
                [(web, Transport.Tcp, 30180), (dns, Transport.Udp, 30180), (dns, Transport.Udp, 30053)],
                new HashSet<(Transport, ushort)> { (Transport.Tcp, 30180), (Transport.Tcp, 30053) }
            )
        );
        Assert.Equal((web, "NodePortTaken"), (problem.Service, problem.Reason));
        Assert.Contains("TCP port 30180", problem.Message, StringComparison.Ordinal);
    }
}
