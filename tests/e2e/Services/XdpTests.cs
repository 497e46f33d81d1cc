using System.Globalization;
using System.Text.Json.Nodes;
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
        SetXdp(lab, on: true);
        Assert.Contains("xdp", lab.ExecOnNode(1, "ip", "link", "show", "eth0").Succeeded(), StringComparison.Ordinal);
        Assert.Equal(0, Forwarded(lab));
        Assert.Equal(before, ConnectAll(lab, outside));
        // More than a packet each way of each connection.
        Assert.True(Forwarded(lab) > 2 * 4 * Connections, $"only {Forwarded(lab)} packets were forwarded by XDP");

        SetXdp(lab, on: false);
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
        foreach (var node in new[] { "192.0.2.11", "fd00:c0::11" })
        {
            foreach (var protocol in new[] { "tcp", "udp" })
            {
                // A probe at first until it is served at all.
                ServiceLab.Eventually(() => Probe(outside, protocol, node, 1), answer => answer.Ok);
                for (var connection = 0; connection < Connections; connection++)
                {
                    var answer = Probe(outside, protocol, node, 3);
                    Assert.True(answer.Ok, $"{protocol} {node}: {answer.Problem}");
                    answers.Add($"{protocol} {node} {answer.SeenAs}");
                }
            }
        }

        return answers;
    }

    private static Weft.Lab.Probes.ProbeResult Probe(
        NetworkNamespace outside,
        string protocol,
        string node,
        int count
    ) =>
        ServiceLab.Read(
            outside.Run(() =>
                WeftCommand.Run(
                    "probe",
                    protocol,
                    node,
                    "--port",
                    NodePort.ToString(CultureInfo.InvariantCulture),
                    "--count",
                    count.ToString(CultureInfo.InvariantCulture)
                )
            )
        );

    private static void SetXdp(LabUnderTest lab, bool on)
    {
        var file = $"{lab.Directory}/nodes/node1/agent.json";
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        config["xdp"] = on;
        File.WriteAllText(file, config.ToJsonString());
        lab.Weft("agent", "kill", "--node", "1").Succeeded();
        lab.Weft("agent", "start", "--node", "1").Succeeded();
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
