using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Contracts;
using Weft.Netlink;
using Weft.Tests.Cni;
using Weft.Tests.EndToEnd.Lab;
using Weft.Tests.Metrics;

namespace Weft.Tests.EndToEnd.Metrics;

/// <summary>What the running agent answers to Prometheus and to kubelet's probes.</summary>
[Collection(typeof(MachineWide))]
public sealed class AgentMetricsTests(NodeUnderTest node) : IClassFixture<NodeUnderTest>
{
    private const int Port = 9968;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void CNI_calls_are_counted_by_command_and_result()
    {
        const string Adds = "weft_agent_cni_requests_total{command=\"ADD\",result=\"success\"}";
        const string Refusals = "weft_agent_cni_requests_total{command=\"ADD\",result=\"already_exists\"}";
        const string Deletions = "weft_agent_cni_requests_total{command=\"DEL\",result=\"success\"}";
        const string Durations = "weft_agent_cni_request_duration_seconds_count{command=\"ADD\"}";
        var before = Scrape();
        using var pod = new Container(node).Added();
        Assert.Equal(CniErrorCode.AlreadyExists, pod.Add().Error.Code);
        var there = Scrape();
        Assert.Equal(before["weft_agent_endpoints"] + 1, there["weft_agent_endpoints"]);
        pod.Del().SucceededSilently();
        var after = Scrape();
        Assert.Equal(before[Adds] + 1, after[Adds]);
        Assert.Equal(1, after[Refusals]);
        Assert.True(after[Deletions] > before[Deletions]);
        Assert.True(after[Durations] >= 2);
        Assert.Equal(before["weft_agent_endpoints"], after["weft_agent_endpoints"]);
    }

    [Fact]
    public void Drops_are_counted_by_reason_and_every_reason_is_there_from_the_start()
    {
        const string Spoofed = "weft_agent_dropped_packets_total{reason=\"SPOOFED_SOURCE\"}";
        using var pod = new Container(node).Added();
        var before = Scrape();
        pod.Inside("ip", "address", "add", "203.0.113.9/32", "dev", "eth0");
        pod.TryInside("ping", "-c", "1", "-W", "1", "-I", "203.0.113.9", pod.Gateways[0]);
        var after = Scrape();
        Assert.True(after[Spoofed] > before[Spoofed]);
        Assert.Equal(0, after["weft_agent_dropped_packets_total{reason=\"POLICY_INGRESS\"}"]);
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void The_node_says_what_it_is_and_that_it_can_serve()
    {
        var metrics = Scrape();
        Assert.Equal(1, metrics["weft_agent_ready"]);
        Assert.Single(metrics.SeriesOf("weft_agent_build_info"));
        Assert.InRange(metrics["weft_agent_map_pressure_ratio{map=\"endpoints\"}"], 0, 1);
        Assert.Equal(4096, metrics["weft_agent_map_capacity{map=\"endpoints\"}"]);
        Assert.True(metrics["weft_agent_node_reconcile_duration_seconds_count{outcome=\"success\"}"] > 0);
        Assert.True(metrics["process_resident_memory_bytes"] > 0);
        Assert.StartsWith("HTTP/1.1 200 ", Get("/healthz"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", Get("/readyz"), StringComparison.Ordinal);
    }

    private ExpositionText Scrape() => ExpositionText.Parse(Get("/metrics").Split("\r\n\r\n", 2)[1]);

    /// <summary>The whole answer to a request from the node itself.</summary>
    private string Get(string path)
    {
        using var network = NetworkNamespace.Open($"{node.Netns}/node1");
        using var socket = network.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        socket.Connect(IPAddress.Loopback, Port);
        socket.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: node\r\n\r\n"));
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
