using System.Globalization;

namespace Weft.Tests.EndToEnd.Lab;

/// <summary>A lab in a directory of its own, which is gone after the test whatever happened.</summary>
internal sealed class LabUnderTest : IDisposable
{
    public LabUnderTest() => Directory = $"/var/tmp/weft-test-{Guid.NewGuid().ToString("N")[..12]}";

    public string Directory { get; }

    /// <summary>Without Kubernetes: for tests of what needs none.</summary>
    public static LabUnderTest Up(int nodes, string routing = "vxlan") =>
        Up("--nodes", nodes.ToString(CultureInfo.InvariantCulture), "--routing", routing, "--without-kubernetes");

    public static LabUnderTest UpWithKubernetes(int nodes, string routing = "vxlan") =>
        Up("--nodes", nodes.ToString(CultureInfo.InvariantCulture), "--routing", routing);

    /// <summary>On an API server that runs already.</summary>
    public static LabUnderTest UpOn(string kubeconfig, int nodes) =>
        Up("--nodes", nodes.ToString(CultureInfo.InvariantCulture), "--kubeconfig", kubeconfig);

    private static LabUnderTest Up(params string[] arguments)
    {
        var lab = new LabUnderTest();
        try
        {
            lab.Weft("up", arguments).Succeeded();
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    /// <summary>weft lab VERB --dir … ARGUMENTS.</summary>
    public Outcome Weft(string verb, params string[] arguments) =>
        WeftCommand.Run(["lab", verb, "--dir", Directory, .. arguments]);

    /// <summary>Starts a pod and returns its addresses, IPv4 first.</summary>
    public string[] RunPod(string name, int node, params string[] command) =>
        Weft("run", [name, "--node", node.ToString(CultureInfo.InvariantCulture), "--", .. command])
            .Succeeded()
            .Split('\n');

    public Outcome Exec(string pod, params string[] command) => Weft("exec", [pod, "--", .. command]);

    public Outcome ExecOnNode(int node, params string[] command) =>
        Weft("exec", ["--node", node.ToString(CultureInfo.InvariantCulture), "--", .. command]);

    /// <summary>Names of the namespaces this lab holds, as in net:[4026532008].</summary>
    public IReadOnlySet<string> Namespaces() =>
        File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(' '))
            .Where(fields => fields[4].StartsWith(Directory + "/", StringComparison.Ordinal) && fields[3].Contains('['))
            .Select(fields => fields[3])
            .ToHashSet();

    /// <summary>Process number of a node's agent.</summary>
    public int AgentOf(int node) =>
        Traces
            .Processes(Namespaces())
            .First(pid =>
                File.ReadAllText($"/proc/{pid}/cmdline")
                    .Contains(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"weft-agent\0--config\0{Directory}/nodes/node{node}/"
                        ),
                        StringComparison.Ordinal
                    )
            );

    public void Dispose() => Weft("down");
}
