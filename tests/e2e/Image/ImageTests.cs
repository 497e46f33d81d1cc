using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weft.Bpf;
using Weft.Tests.EndToEnd.Lab;
using Weft.Tests.EndToEnd.Runtime;

namespace Weft.Tests.EndToEnd.Image;

/// <summary>
/// Agent and operator in containers of a real runtime, with the rights the chart gives them and no others: its
/// capabilities, its user, a root file system that is read-only, the runtime's own seccomp profile.
/// </summary>
[Collection(typeof(MachineWide))]
public sealed partial class ImageTests : IDisposable
{
    private const string Chart = "tests/unit/Chart/Golden/defaults.yaml";
    private const string CgroupInside = "/host/sys/fs/cgroup";

    /// <summary>What containerd gives a container that asks for nothing.</summary>
    private static readonly string[] UsualCapabilities =
    [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "NET_RAW",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ];

    private readonly ImageRoot root = new();
    private readonly LabUnderTest lab;
    private readonly Containerd containerd;

    public ImageTests()
    {
        try
        {
            lab = LabUnderTest.UpWithKubernetes(nodes: 2);
            containerd = new Containerd(lab, node: 1);
            root.ImportTo(containerd);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        containerd?.Dispose();
        lab?.Dispose();
        root.Dispose();
    }

    [Theory]
    [InlineData("weft-agent", "--version")]
    [InlineData("weft-operator", "--version")]
    [InlineData("weft", "--version")]
    [InlineData("weft-agent", "check")]
    public void A_program_runs_with_what_the_image_has(string program, string argument) =>
        Assert.NotEmpty(
            containerd
                .Run(ImageRoot.Name, "c1", ["--privileged", "--read-only"], $"/usr/bin/{program}", argument)
                .Succeeded()
        );

    [Fact]
    public void Agent_and_operator_do_their_work_with_the_rights_that_the_chart_gives_them()
    {
        var far = lab.RunPod("default/far", 2);
        lab.Weft("agent", "kill", "--node", "1").Succeeded();
        lab.Weft("operator", "kill").Succeeded();
        var cgroup = (string)AgentConfig()["cgroupRoot"]!;
        foreach (var call in Enum.GetValues<SocketCall>())
        {
            // What the container's agent finds there already, it would not attach.
            Assert.True(CgroupHook.Detach(cgroup, call));
        }

        StartOperator();
        StartAgent(cgroup);

        // The first pod of its namespace: its identity is new, and the operator's work.
        var near = lab.RunPod("other/near", 1);
        foreach (var address in far)
        {
            lab.Exec("other/near", "ping", "-c", "1", "-W", "3", address).Succeeded();
        }

        foreach (var address in near)
        {
            lab.Exec("default/far", "ping", "-c", "1", "-W", "3", address).Succeeded();
        }

        Waiting.Eventually(
            "the programs for sockets are attached",
            () => Enum.GetValues<SocketCall>().All(call => CgroupHook.Attached(cgroup, call) is not null)
        );
        lab.Weft("delete", "other/near").Succeeded();
    }

    private void StartAgent(string cgroup)
    {
        var config = AgentConfig();
        config["cgroupRoot"] = CgroupInside;
        var file = $"{lab.Directory}/nodes/node1/agent-in-container.json";
        File.WriteAllText(file, config.ToJsonString());
        containerd.StartDetached(
            ImageRoot.Name,
            "weft-agent",
            [
                .. Rights("weft-agent"),
                .. Mount(lab.Directory, lab.Directory, "bind:rw"),
                .. Mount("/run/weft", "/run/weft", "bind:rw"),
                .. Mount("/sys/fs/bpf", "/sys/fs/bpf", "rbind:rslave:rw"),
                .. Mount(cgroup, CgroupInside, "bind:ro"),
            ],
            "/usr/bin/weft-agent",
            "--config",
            file
        );
    }

    private void StartOperator()
    {
        // The lab's own are root's alone.
        var folder = Directory.CreateDirectory($"{lab.Directory}/operator-in-container").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        foreach (var (from, to) in new[] { ("nodes.kubeconfig", "kubeconfig"), ("operator.json", "operator.json") })
        {
            File.Copy($"{lab.Directory}/{from}", $"{folder}/{to}");
            File.SetUnixFileMode($"{folder}/{to}", (UnixFileMode)0b110_100_100);
        }

        containerd.StartDetached(
            ImageRoot.NameForOperator,
            "weft-operator",
            [.. Rights("weft-operator"), .. Mount(folder, "/etc/weft", "bind:ro")],
            "/usr/bin/weft-operator",
            "--config",
            "/etc/weft/operator.json",
            "--kubeconfig",
            "/etc/weft/kubeconfig"
        );
    }

    private JsonObject AgentConfig() =>
        JsonNode.Parse(File.ReadAllText($"{lab.Directory}/nodes/node1/agent.json"))!.AsObject();

    private static string[] Mount(string from, string to, string options) =>
        ["--mount", $"type=bind,src={from},dst={to},options={options}"];

    /// <summary>As the chart's manifest has them for the container that runs the program.</summary>
    private static string[] Rights(string program)
    {
        var manifest = File.ReadAllText($"{WeftCommand.Repository}/{Chart}");
        var container = manifest[manifest.IndexOf($"[/usr/bin/{program}, --config", StringComparison.Ordinal)..];
        var security = SecurityContext().Match(container).Value;
        Assert.Contains("readOnlyRootFilesystem: true", security, StringComparison.Ordinal);
        Assert.Contains("allowPrivilegeEscalation: false", security, StringComparison.Ordinal);
        Assert.Contains("type: RuntimeDefault", security, StringComparison.Ordinal);
        Assert.Contains("drop: [ALL]", security, StringComparison.Ordinal);
        var added = Added().Match(security).Groups[1].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries);
        return
        [
            "--net-host",
            "--read-only",
            "--seccomp",
            .. UsualCapabilities.SelectMany(capability => new[] { "--cap-drop", $"CAP_{capability}" }),
            .. added.SelectMany(capability => new[] { "--cap-add", $"CAP_{capability}" }),
        ];
    }

    [GeneratedRegex(@"^ {10}securityContext:\n(?: {12}.*\n)+", RegexOptions.Multiline)]
    private static partial Regex SecurityContext();

    [GeneratedRegex(@"add: \[([A-Z_, ]+)\]")]
    private static partial Regex Added();
}
