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
    private readonly DirectoryInfo web = Directory.CreateTempSubdirectory("weft-web-");

    public void Dispose()
    {
        web.Delete(recursive: true);
        node.IsAsBefore(before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Portmap_opens_a_port_of_the_node_to_the_outside_the_node_and_pods(bool snat)
    {
        using var pod = new Container(node);
        using var client = new Container(node).Added();
        var chain = new PluginChain(node, pod, Portmap(snat));
        chain.Add();
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
                ["sysctl"] = new JsonObject { ["net.ipv4.conf.eth0.arp_filter"] = "1" },
            }
        );
        chain.Add();
        Assert.Contains("mtu 1300", pod.Inside("ip", "link", "show", "eth0"), StringComparison.Ordinal);
        chain.Check();
        Assert.True(pod.Reaches("10.244.1.1"));
        Assert.True(pod.Reaches("fd00:10:244:1::1"));
        chain.Del();
    }

    /// <summary>
    /// A limit: with the MAC the kernel drops the pod's neighbours (and tuning of Debian 12 its routes, too), which the
    /// pod cannot find again. CHECK says what became of it; the way that works is to wish for a MAC.
    /// </summary>
    [Fact]
    public void Tuning_that_changes_the_MAC_is_reported_by_CHECK()
    {
        using var pod = new Container(node);
        var chain = new PluginChain(node, pod, new JsonObject { ["type"] = "tuning", ["mac"] = "02:11:22:33:44:55" });
        chain.Add();
        var error = pod.Check(("cniVersion", "\"1.0.0\""), ("prevResult", chain.Result.ToJsonString())).Error;
        Assert.Contains("02:11:22:33:44:55", error.Message, StringComparison.Ordinal);
        chain.Del();
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
        using (Serve(pod))
        {
            node.Outside(Fetch(NodeV4)).Succeeded();
        }

        node.RestartAgent();
        chain.Check(but: "portmap");
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

    /// <summary>A web server with one page, until it is disposed.</summary>
    private EndedProcess Serve(Container pod)
    {
        File.WriteAllText(Path.Combine(web.FullName, "page"), "a page\n");
        var server = Process.Start(
            "nsenter",
            [$"--net={pod.NetnsPath}", "busybox", "httpd", "-f", "-p", "[::]:80", "-h", web.FullName]
        );
        NodeUnderTest.Eventually("the web server listens", () => pod.TryInside(Fetch("127.0.0.1", 80)).ExitCode == 0);
        return new EndedProcess(server);
    }

    // Not wget's own -T: with it, Debian 12's busybox ends by a segmentation fault.
    private static string[] Fetch(string address, int port = 8080)
    {
        var host = address.Contains(':') ? $"[{address}]" : address;
        return ["timeout", "5", "busybox", "wget", "-q", "-O", "/dev/null", $"http://{host}:{port}/page"];
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
