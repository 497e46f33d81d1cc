using System.Globalization;
using System.Net.Sockets;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Netlink;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>
/// A client outside, and a node that forwards its connections by XDP to an endpoint on another. On a veth, what the
/// program sends back arrives only where a program is attached at the other end too, and with the sums it came with:
/// senders must not leave them to the device.
/// </summary>
[Collection(typeof(MachineWide))]
public sealed class XdpTests
{
    private const int NodePort = 30180;
    private const int Connections = 20;

    [Theory]
    [InlineData("vxlan")]
    [InlineData("native")]
    public void Connections_from_outside_are_forwarded_ahead_of_the_stack(string routing)
    {
        using var services = new ServiceLab(routing);
        var lab = services.Lab;
        using var outside = NetworkNamespace.Open($"{lab.Directory}/netns/outside");
        using var other = LoadedDatapath.Load(pinDirectory: null);
        outside.Run(() =>
        {
            Ethtool("-K", "lan0", "tx", "off");
            Ethtool("-K", "node1", "tx", "off");
            using var routes = RouteSocket.Open();
            // Its maps are empty: it passes everything on.
            XdpHook.Attach(routes.FindLink("node1")!.Index.Value, other.Programs.XdpNetdev);
        });
        lab.ExecOnNode(2, "ethtool", "-K", "eth0", "tx", "off").Succeeded();
        services.Service(
            "outside",
            "both",
            "NodePort",
            $$"""
            {
                "selector": {"pod": "web-2"},
                "ports": [
                    {"name": "tcp", "port": 80, "protocol": "TCP", "targetPort": 8080, "nodePort": {{NodePort}}},
                    {"name": "udp", "port": 80, "protocol": "UDP", "targetPort": 8080, "nodePort": {{NodePort}}}
                ]
            }
            """
        );
        var before = ConnectAll(lab, outside);
        services.Configure(1, "xdp", true);
        Assert.Contains("xdp", lab.ExecOnNode(1, "ip", "link", "show", "eth0").Succeeded(), StringComparison.Ordinal);
        Assert.Equal(0, Forwarded(lab));
        Assert.Equal(before, ConnectAll(lab, outside));
        // More than a packet each way of each connection.
        Assert.True(Forwarded(lab) > 2 * 4 * Connections, $"only {Forwarded(lab)} packets were forwarded by XDP");

        services.Configure(1, "xdp", false);
        Assert.DoesNotContain(
            "xdp",
            lab.ExecOnNode(1, "ip", "link", "show", "eth0").Succeeded(),
            StringComparison.Ordinal
        );
        Assert.Equal(before, ConnectAll(lab, outside));
    }

    /// <summary>Who answered, each protocol and family.</summary>
    private static List<string> ConnectAll(LabUnderTest lab, NetworkNamespace outside)
    {
        List<string> answers = [];
        foreach (var node in ServiceLab.AddressesOf(1))
        {
            foreach (var protocol in new[] { ProtocolType.Tcp, ProtocolType.Udp })
            {
                // A probe at first until it is served at all.
                ServiceLab.Eventually(
                    () => ServiceLab.FromOutside(outside, protocol, node, NodePort),
                    answer => answer.Ok
                );
                for (var connection = 0; connection < Connections; connection++)
                {
                    var answer = ServiceLab.FromOutside(outside, protocol, node, NodePort, count: 3);
                    Assert.True(answer.Ok, $"{protocol} {node}: {answer.Problem}");
                    answers.Add($"{protocol} {node} {answer.SeenAs}");
                }
            }
        }

        return answers;
    }

    /// <summary>Packets that the program has sent back out of node 1's device.</summary>
    private static long Forwarded(LabUnderTest lab) =>
        lab.ExecOnNode(1, "ethtool", "-S", "eth0")
            .Succeeded()
            .Split('\n')
            .Select(line => line.Trim().Split(": "))
            .Where(pair =>
                pair[0].StartsWith("rx_queue_", StringComparison.Ordinal)
                && pair[0].EndsWith("_xdp_tx", StringComparison.Ordinal)
            )
            .Sum(pair => long.Parse(pair[1], CultureInfo.InvariantCulture));

    private static void Ethtool(params string[] arguments) => WeftCommand.Run("ethtool", arguments).Succeeded();
}
