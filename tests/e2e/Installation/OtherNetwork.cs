using System.Diagnostics;
using System.Globalization;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Installation;

/// <summary>
/// A pod of another network on a node of a lab: a namespace behind a veth pair, a route to it, and a CNI configuration.
/// It ends with the lab.
/// </summary>
internal sealed class OtherNetwork : IDisposable
{
    public const string File = "00-other.conflist";
    public const string Content = """{"cniVersion": "1.0.0", "name": "other", "plugins": [{"type": "other"}]}""";
    private const string Link = "other0";
    private const string Address = "203.0.113.2";

    private readonly LabUnderTest lab;
    private readonly int node;
    private readonly Process pod;

    public OtherNetwork(LabUnderTest lab, int node)
    {
        (this.lab, this.node) = (lab, node);
        System.IO.File.WriteAllText(Configuration, Content);
        pod = WeftCommand.Start(
            "lab",
            "exec",
            "--dir",
            lab.Directory,
            "--node",
            Number(node),
            "--",
            "unshare",
            "--net",
            "sh",
            "-c",
            "echo $$; exec sleep infinity"
        );
        var pid = pod.StandardOutput.ReadLine()!;
        OnNode("ip", "link", "add", Link, "type", "veth", "peer", "name", "eth0", "netns", pid);
        OnNode("ip", "link", "set", Link, "up");
        OnNode("ip", "route", "add", $"{Address}/32", "dev", Link, "proto", "static");
        foreach (
            var command in new[]
            {
                "ip link set eth0 up",
                $"ip address add {Address}/32 dev eth0",
                "ip route add default dev eth0",
            }
        )
        {
            OnNode(["nsenter", "--target", pid, "--net", .. command.Split(' ')]);
        }
    }

    /// <summary>Where the runtime would find its configuration.</summary>
    public string Configuration => $"{lab.Directory}/nodes/node{Number(node)}/net.d/{File}";

    /// <summary>Fails unless its pod and the node reach each other.</summary>
    public void Reaches() => OnNode("ping", "-c", "1", "-W", "3", Address);

    public void Dispose()
    {
        pod.Kill(entireProcessTree: true);
        pod.Dispose();
    }

    private void OnNode(params string[] command) => lab.ExecOnNode(node, command).Succeeded();

    private static string Number(int node) => node.ToString(CultureInfo.InvariantCulture);
}
