using System.Diagnostics;
using System.Text.RegularExpressions;
using Weft.Contracts;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Runtime;

/// <summary>Weft under a real runtime: containers of containerd among the pods of a lab.</summary>
[Collection(typeof(MachineWide))]
public sealed partial class ContainerdTests : IDisposable
{
    private const int Port = 8080;
    private static readonly string[] FixedPlaces = ["/etc/cni", "/opt/cni", "/var/lib/cni", "/run/containerd"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] OnEveryAddress = ["httpd", "-f", "-p", "[::]:8080", "-h"];

    private readonly string places = PlacesOnTheMachine();
    private readonly LabUnderTest lab = LabUnderTest.Up(nodes: 2);
    private readonly Containerd containerd;

    public ContainerdTests()
    {
        try
        {
            containerd = new Containerd(lab, node: 1);
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        containerd.Dispose();
        lab.Dispose();
        Assert.Equal(places, PlacesOnTheMachine());
    }

    [Fact]
    public void A_container_gets_its_network_from_Weft_and_gives_it_back()
    {
        var before = OnTheNode();
        var addresses = containerd.Run("c1", "ip", "address", "show", "eth0").Succeeded();
        Assert.Matches(V4(), addresses);
        Assert.Matches(V6(), addresses);
        Assert.Equal(before, OnTheNode());
        Assert.All(State().Addresses, pool => Assert.Equal((0, 1), (pool.Used, pool.Cooling)));
    }

    [Fact]
    public void A_container_reaches_everything_and_is_reached()
    {
        string[] near = lab.RunPod("default/near", 1, ["busybox", .. OnEveryAddress, Web()]);
        string[] far = lab.RunPod("default/far", 2, ["busybox", .. OnEveryAddress, Web()]);
        string[] node = ["192.0.2.11", "fd00:c0::11"];
        string[] otherNode = ["192.0.2.12", "fd00:c0::12"];
        string[] outside = ["198.51.100.1", "2001:db8:ffff::1"];
        using var onNode = Serve("--node", "1");
        using var onOtherNode = Serve("--node", "2");
        using var onOutside = Serve("--outside");

        containerd.StartDetached("c1", [.. OnEveryAddress, "/www"]);
        var own = State().Endpoints.Single(endpoint => endpoint.Pod is null).Addresses;
        Assert.Equal(2, own.Count);
        foreach (var address in (string[])[.. near, .. far, .. node, .. otherNode, .. outside])
        {
            containerd.Exec("c1", "ping", "-c", "1", "-W", "3", address).Succeeded();
            Assert.Equal("from the lab", Fetched(address, words => containerd.Exec("c1", words)));
        }

        foreach (var address in own)
        {
            Assert.Equal(Containerd.Page.Trim(), Fetched(address, words => lab.Exec("default/near", words)));
            Assert.Equal(Containerd.Page.Trim(), Fetched(address, words => lab.Exec("default/far", words)));
            Assert.Equal(Containerd.Page.Trim(), Fetched(address, words => lab.ExecOnNode(1, words)));
            Assert.Equal(Containerd.Page.Trim(), Fetched(address, words => lab.ExecOnNode(2, words)));
        }

        End("c1");
    }

    [Fact]
    public void A_container_that_is_killed_and_removed_leaves_nothing()
    {
        var before = OnTheNode();
        containerd.StartDetached("c1", "sleep", "1000");
        containerd.StartDetached("c2", "sleep", "1000");
        Assert.Equal(2, State().Endpoints.Count);
        Assert.NotEqual(before, OnTheNode());

        // ctr calls no DEL for these two: the end of their namespaces has to do.
        End("c1");
        End("c2");
        Waiting.Eventually("both are gone", () => before == OnTheNode());
    }

    [Fact]
    public void A_container_that_is_killed_under_its_runtime_is_deleted_by_it()
    {
        var before = OnTheNode();
        using var run = containerd.StartAttached("c1", "sleep", "1000");
        Waiting.Eventually("it runs", () => containerd.Exec("c1", "ip", "link", "show", "eth0").ExitCode == 0);
        containerd.Ctr("task", "kill", "--signal", "SIGKILL", "c1").Succeeded();
        Assert.True(run.WaitForExit(Patience));
        Assert.Equal(before, OnTheNode());
        Assert.Contains("Deleted", lab.Weft("logs", "--node", "1").Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_goes_on_while_the_agent_is_away()
    {
        var before = OnTheNode();
        var near = lab.RunPod("default/near", 1);
        using var run = containerd.StartAttached("c1", "sleep", "1000");
        Waiting.Eventually("it runs", () => containerd.Exec("c1", "ip", "link", "show", "eth0").ExitCode == 0);
        lab.Weft("agent", "kill", "--node", "1").Succeeded();
        containerd.Exec("c1", "ping", "-c", "1", "-W", "3", near[0]).Succeeded();
        var failed = containerd.Run("c2", "ip", "link", "show", "eth0");
        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains("agent", failed.Error, StringComparison.Ordinal);

        // DEL with the agent down succeeds, and the agent learns of it when it is back.
        containerd.Ctr("task", "kill", "--signal", "SIGKILL", "c1").Succeeded();
        Assert.True(run.WaitForExit(Patience));
        lab.Weft("agent", "start", "--node", "1").Succeeded();
        lab.Weft("delete", "default/near").Succeeded();
        Assert.Equal(before, OnTheNode());
    }

    /// <summary>Those of runtimes' and plugins' fixed places that exist, and cgroups of these tests.</summary>
    private static string PlacesOnTheMachine() =>
        string.Join(
            '\n',
            [
                .. FixedPlaces.Where(Directory.Exists),
                .. Directory.GetDirectories("/sys/fs/cgroup", "weft-containerd-*", SearchOption.AllDirectories),
            ]
        );

    /// <summary>Links, endpoints, used addresses, map entries and records: what a container could leave on its node.</summary>
    private string OnTheNode()
    {
        var state = State();
        return string.Join(
            '\n',
            [
                lab.ExecOnNode(1, "ls", "/sys/class/net").Succeeded(),
                .. state.Endpoints.Select(endpoint => endpoint.ToString()),
                .. state.Addresses.Select(pool => $"{pool.Prefix}: {pool.Used} used"),
                // The map of flows forgets by itself.
                .. state.Maps.Where(map => map.Name is not ("flows" or "nat")).Select(map => map.ToString()),
                lab.ExecOnNode(1, "ls", $"{WeftPaths.RunDirectory}/endpoints").Succeeded(),
            ]
        );
    }

    private AgentState State()
    {
        var socket = $"{lab.Directory}/nodes/node1/run/{WeftPaths.SocketName}";
        using var channel = AgentChannel.Connect(socket, Patience);
        return channel.Call(new AgentRequest(AgentVerb.State), descriptor: null).State!;
    }

    private void End(string container)
    {
        containerd.Ctr("task", "kill", "--signal", "SIGKILL", container).Succeeded();
        Waiting.Eventually(
            $"{container} has ended",
            () => containerd.Ctr("task", "ls").Succeeded().Contains("STOPPED", StringComparison.Ordinal)
        );
        containerd.Ctr("task", "rm", container);
        containerd.Ctr("container", "rm", container).Succeeded();
    }

    /// <summary>A folder with one page, for web servers in the lab.</summary>
    private string Web()
    {
        var folder = $"{lab.Directory}/web";
        Directory.CreateDirectory(folder);
        File.WriteAllText($"{folder}/page", "from the lab\n");
        return folder;
    }

    /// <summary>A web server on a node or outside; it ends with the lab.</summary>
    private Process Serve(params string[] where) =>
        WeftCommand.Start(["lab", "exec", "--dir", lab.Directory, .. where, "--", "busybox", .. OnEveryAddress, Web()]);

    /// <summary>Fetches the page, once the server listens.</summary>
    private static string Fetched(string address, Func<string[], Outcome> run)
    {
        var host = address.Contains(':') ? $"[{address}]" : address;
        var outcome = new Outcome(1, "", "");
        Waiting.Eventually(
            $"the page at {address}",
            () =>
                (
                    outcome = run([
                        "busybox",
                        "timeout",
                        "5",
                        "busybox",
                        "wget",
                        "-q",
                        "-O",
                        "-",
                        $"http://{host}:{Port}/page",
                    ])
                ).ExitCode == 0
        );
        return outcome.Output.Trim();
    }

    [GeneratedRegex(@"inet 10\.244\.1\.\d+/32 ")]
    private static partial Regex V4();

    [GeneratedRegex(@"inet6 fd00:10:244:1::[0-9a-f]+/128 ")]
    private static partial Regex V6();
}
