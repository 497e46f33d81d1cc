using System.Diagnostics;
using System.Text.Json.Nodes;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.Cni;

/// <summary>The reference plugins that runtimes put after a network's own, on top of Weft.</summary>
[Collection(typeof(MachineWide))]
public sealed class PluginChainTests(NodeUnderTest node) : IClassFixture<NodeUnderTest>, IDisposable
{
    private const string NodeV4 = "192.0.2.11";
    private const string NodeV6 = "fd00:c0::11";

    private readonly NodeContents before = node.Contents();

    public void Dispose() => Assert.Equal(before, node.Contents());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Portmap_opens_a_port_of_the_node_to_the_outside_the_node_and_pods(bool snat)
    {
        using var pod = new Container(node);
        using var client = new Container(node).Added();
        var chain = new PluginChain(node, pod, Portmap(snat));
        chain.Add();
        chain.Check();
        using (Serve(pod))
        {
            Assert.Equal("", node.Outside(Fetch(NodeV4)).Succeeded());
            Assert.Equal("", node.Outside(Fetch(NodeV6)).Succeeded());
            Assert.Equal("", node.OnNode(Fetch(NodeV4)));
            client.Inside(Fetch(NodeV4));
            client.Inside(Fetch(NodeV6));
            if (snat)
            {
                // Without it the server would answer itself past the node: the plugins' own limit.
                pod.Inside(Fetch(NodeV4));
            }
        }

        chain.Del();
        Assert.NotEqual(0, node.Outside(Fetch(NodeV4)).ExitCode);
        chain.Del();
        client.Del().SucceededSilently();
        Assert.DoesNotContain("8080", node.OnNode("iptables-save"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_moved_to_another_pod_leads_there()
    {
        using var first = new Container(node);
        using var second = new Container(node);
        foreach (var pod in new[] { first, second })
        {
            var chain = new PluginChain(node, pod, Portmap(snat: true));
            chain.Add();
            using (Serve(pod))
            {
                node.Outside(Fetch(NodeV4)).Succeeded();
            }

            chain.Del();
        }
    }

    [Fact]
    public void Tuning_changes_the_pod_and_the_pod_goes_on()
    {
        using var pod = new Container(node);
        var chain = new PluginChain(
            node,
            pod,
            new JsonObject
            {
                ["type"] = "tuning",
                ["mtu"] = 1300,
                ["sysctl"] = new JsonObject { ["net.ipv4.conf.IFNAME.arp_filter"] = "1" },
            }
        );
        chain.Add();
        Assert.Contains("mtu 1300", pod.Inside("ip", "link", "show", "eth0"), StringComparison.Ordinal);
        chain.Check();
        Assert.True(pod.Reaches("10.244.1.1"));
        Assert.True(pod.Reaches("fd00:10:244:1::1"));
        chain.Del();
    }

    [Fact]
    public void Tuning_may_change_the_MAC()
    {
        using var pod = new Container(node);
        using var client = new Container(node).Added();
        var chain = new PluginChain(node, pod, new JsonObject { ["type"] = "tuning", ["mac"] = "02:11:22:33:44:55" });
        chain.Add();
        chain.Check();
        Assert.True(pod.Reaches(client.Addresses[0]));
        Assert.True(pod.Reaches("10.244.1.1"));
        chain.Del();
        client.Del().SucceededSilently();
    }

    [Fact]
    public void Bandwidth_comes_and_goes()
    {
        using var pod = new Container(node);
        var chain = new PluginChain(
            node,
            pod,
            new JsonObject
            {
                ["type"] = "bandwidth",
                ["ingressRate"] = 8_000_000,
                ["ingressBurst"] = 800_000,
                ["egressRate"] = 8_000_000,
                ["egressBurst"] = 800_000,
            }
        );
        chain.Add();
        chain.Check();
        Assert.True(pod.Reaches("10.244.1.1"));
        Assert.True(pod.Reaches("198.51.100.1"));
        chain.Del();
    }

    [Fact]
    public void All_of_them_in_one_list()
    {
        using var pod = new Container(node);
        var chain = new PluginChain(
            node,
            pod,
            Portmap(snat: true),
            new JsonObject { ["type"] = "tuning", ["promisc"] = true },
            new JsonObject
            {
                ["type"] = "bandwidth",
                ["ingressRate"] = 1_000_000_000,
                ["ingressBurst"] = 80_000_000,
            }
        );
        chain.Add();
        chain.Check();
        using (Serve(pod))
        {
            node.Outside(Fetch(NodeV4)).Succeeded();
        }

        node.RestartAgent();
        chain.Check();
        chain.Del();
        chain.Del();
    }

    private static JsonObject Portmap(bool snat) =>
        new()
        {
            ["type"] = "portmap",
            ["snat"] = snat,
            ["capabilities"] = new JsonObject { ["portMappings"] = true },
            ["runtimeConfig"] = new JsonObject
            {
                ["portMappings"] = new JsonArray(
                    new JsonObject
                    {
                        ["hostPort"] = 8080,
                        ["containerPort"] = 80,
                        ["protocol"] = "tcp",
                    }
                ),
            },
        };

    /// <summary>A web server with an empty page at /null, until it is disposed.</summary>
    private static EndedProcess Serve(Container pod)
    {
        var server = Process.Start(
            "nsenter",
            [$"--net={pod.NetnsPath}", "busybox", "httpd", "-f", "-p", "[::]:80", "-h", "/proc/sys/kernel"]
        );
        NodeUnderTest.Eventually("the web server listens", () => pod.TryInside(Fetch("127.0.0.1", 80)).ExitCode == 0);
        return new EndedProcess(server);
    }

    private static string[] Fetch(string address, int port = 8080)
    {
        var host = address.Contains(':') ? $"[{address}]" : address;
        return ["busybox", "wget", "-q", "-T", "3", "-O", "/dev/null", $"http://{host}:{port}/ostype"];
    }

    private sealed class EndedProcess(Process process) : IDisposable
    {
        public void Dispose()
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
