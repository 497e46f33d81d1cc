using System.Text.Json.Nodes;
using Weft.Bpf;
using Weft.Netlink;
using Weft.Tests.Cni;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Installation;

/// <summary>weft-agent cleanup-node: nothing of Weft's is left on a node, and all that is others' is.</summary>
[Collection(typeof(MachineWide))]
public sealed class CleanupTests : IDisposable
{
    private const byte RouteProtocol = 87;

    private readonly LabUnderTest lab = LabUnderTest.UpWithKubernetes(nodes: 2);
    private readonly string plugins = Directory.CreateTempSubdirectory("weft-cleanup-").FullName;

    private string Node => $"{lab.Directory}/nodes/node1";

    private string Cgroup => (string)JsonNode.Parse(File.ReadAllText($"{Node}/agent.json"))!["cgroupRoot"]!;

    public void Dispose()
    {
        lab.Dispose();
        Directory.Delete(plugins, recursive: true);
    }

    [Fact]
    public void Nothing_is_left_of_Weft_and_other_networks_do_not_notice()
    {
        SwitchXdpOn();
        using var other = new OtherNetwork(lab, node: 1);
        Waiting.Eventually("its configuration is set aside", () => !File.Exists(other.Configuration));
        Assert.True(File.Exists($"{Node}/net.d/05-weft.conflist"));
        lab.RunPod("default/ours", 1);
        lab.RunPod("default/far", 2);
        File.Copy(PluginBinary.Location, $"{plugins}/weft-cni");
        var programs = Programs();
        Assert.True(programs.Count >= 10, $"only {programs.Count} programs were attached");
        Assert.NotNull(Xdp());
        Assert.Equal(Enum.GetValues<SocketCall>().Length, SocketProgramsOf(Cgroup).Count());
        var othersBefore = Others();
        var settingsBefore = Settings();
        other.Reaches();

        Assert.Contains("stop it first", CleanUp().Error, StringComparison.Ordinal);
        lab.Weft("kubelet", "kill", "--node", "1").Succeeded();
        lab.Weft("agent", "kill", "--node", "1").Succeeded();
        CleanUp().Succeeded();

        Assert.Equal(othersBefore, Others());
        Assert.Equal(settingsBefore, Settings());
        Assert.Null(Xdp());
        other.Reaches();
        Assert.Equal(OtherNetwork.Content, File.ReadAllText(other.Configuration));
        Assert.Equal([other.Configuration], Directory.GetFiles($"{Node}/net.d"));
        Assert.DoesNotContain(Links(), name => name.StartsWith("weft", StringComparison.Ordinal));
        Assert.DoesNotContain(Routes(), route => route.Protocol == RouteProtocol);
        Assert.Empty(Programs());
        Waiting.Eventually(
            "the kernel has dropped the programs, and their maps",
            () => programs.All(id => BpfProgram.Describe(id) is null)
        );
        Assert.DoesNotContain(
            "weft",
            lab.ExecOnNode(1, "ls", "-A", "/sys/fs/bpf").Succeeded(),
            StringComparison.Ordinal
        );
        Assert.Equal("", lab.ExecOnNode(1, "ls", "-A", "/run/weft").Succeeded());
        Assert.False(Directory.Exists($"{Node}/state"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(plugins));

        // Again there is nothing to do.
        Assert.DoesNotContain("removed", CleanUp().Succeeded(), StringComparison.Ordinal);
        lab.Exec("default/far", "ping", "-c", "1", "-W", "3", "192.0.2.12").Succeeded();
    }

    [Fact]
    public void A_node_that_was_cleaned_up_can_be_used_again()
    {
        lab.Weft("agent", "kill", "--node", "1").Succeeded();
        CleanUp().Succeeded();
        lab.Weft("agent", "start", "--node", "1").Succeeded();
        var far = lab.RunPod("default/far", 2);
        lab.RunPod("default/near", 1);
        foreach (var address in far)
        {
            lab.Exec("default/near", "ping", "-c", "1", "-W", "3", address).Succeeded();
        }
    }

    private Outcome CleanUp() =>
        lab.ExecOnNode(
            1,
            $"{WeftCommand.Repository}/out/weft-agent",
            "cleanup-node",
            "--config",
            $"{Node}/agent.json",
            "--plugin-directory",
            plugins,
            "--bring-back-others"
        );

    /// <summary>Numbers of Weft's programs on the node's devices and control group.</summary>
    private List<uint> Programs()
    {
        var mechanism = TcHook.Probe();
        var onDevices = Inside(host =>
            host.Links()
                .SelectMany(link =>
                    Enum.GetValues<TcDirection>()
                        .Select(direction => TcHook.Attached(mechanism, link.Index.Value, direction))
                )
                .ToList()
        );
        return
        [
            .. onDevices
                .Where(program => program is not null)
                .Select(program => program!)
                .Concat(SocketProgramsOf(Cgroup))
                .Concat(Xdp() is { } xdp ? [xdp] : [])
                .Select(program => program.Id)
                .Distinct(),
        ];
    }

    private static IEnumerable<ProgramInfo> SocketProgramsOf(string cgroup) =>
        Enum.GetValues<SocketCall>()
            .SelectMany(call => CgroupHook.Attached(cgroup, call) is { } info ? (ProgramInfo[])[info] : []);

    /// <summary>Weft's XDP program on the node's device to the outside.</summary>
    private ProgramInfo? Xdp() => Inside(host => XdpHook.Attached(host.FindLink("eth0")!.Index.Value));

    private void SwitchXdpOn()
    {
        var file = $"{Node}/agent.json";
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        config["xdp"] = true;
        File.WriteAllText(file, config.ToJsonString());
        lab.Weft("agent", "kill", "--node", "1").Succeeded();
        lab.Weft("agent", "start", "--node", "1").Succeeded();
    }

    /// <summary>The network's sysctls, but for those that go with Weft's devices.</summary>
    private string Settings() =>
        string.Join(
            '\n',
            lab.ExecOnNode(1, "sysctl", "--all", "--pattern", "^net\\.ipv[46]\\.(conf|ip_forward|neigh)")
                .Succeeded()
                .Split('\n')
                .Where(line => !line.Contains(".weft", StringComparison.Ordinal))
        );

    private List<string> Links() => Inside(host => host.Links().Select(link => link.Name).ToList());

    private List<Route> Routes() => Inside(host => host.Routes().ToList());

    /// <summary>Links, routes and rules of the node that are not Weft's.</summary>
    private string Others() =>
        string.Join(
            '\n',
            [
                .. Links().Where(name => !name.StartsWith("weft", StringComparison.Ordinal)).Order(),
                // The kernel's own go and come with their links' addresses.
                .. Inside(host =>
                    host.Routes()
                        .Where(route => route.Protocol != RouteProtocol && !IsOnOurs(host, route))
                        .Select(route => route.ToString())
                        .Order()
                        .ToList()
                ),
                .. Inside(host => host.Rules().Select(rule => rule.ToString()).Order().ToList()),
            ]
        );

    private static bool IsOnOurs(RouteSocket host, Route route) =>
        route.Link is { } index
        && host.FindLink(index) is { } link
        && link.Name.StartsWith("weft", StringComparison.Ordinal);

    /// <summary>Reads in the node's network, on a thread of its own.</summary>
    private T Inside<T>(Func<RouteSocket, T> read)
    {
        using var network = NetworkNamespace.Open($"{lab.Directory}/netns/node1");
        return network.Run(() =>
        {
            using var host = RouteSocket.Open();
            return read(host);
        });
    }
}
