using System.Diagnostics;
using System.Globalization;
using Weft.Contracts;
using Weft.Lab.Linux;

namespace Weft.Lab;

/// <summary>A lab's beginning and end.</summary>
public static class Cluster
{
    /// <summary>Starts a lab and returns when every agent serves and every Node is Ready.</summary>
    /// <param name="lab">Where; nothing may be there yet.</param>
    /// <param name="shape">What it is to be.</param>
    /// <param name="progress">Gets a line for each step done.</param>
    /// <param name="cancel">Ends the start.</param>
    /// <exception cref="LabException">It failed; nothing is left of the lab.</exception>
    public static void Up(LabDirectory lab, LabShape shape, Action<string> progress, CancellationToken cancel)
    {
        Programs.Require(kubernetes: !shape.WithoutKubernetes);
        using var alone = LabLock.Create(lab);
        try
        {
            Start(lab, shape, progress, cancel);
        }
        catch
        {
            Remove(lab);
            throw;
        }
    }

    /// <summary>Ends whatever is there of a lab, however it came to be so. Fine when there is none.</summary>
    /// <returns>False when there was none.</returns>
    public static bool Down(LabDirectory lab)
    {
        if (!IsLab(lab))
        {
            return false;
        }

        using var alone = lab.Exists ? LabLock.Alone(lab) : null;
        Remove(lab);
        return true;
    }

    /// <summary>Becomes <paramref name="command"/> inside of a node, as one of its processes.</summary>
    public static void ExecuteOnNode(LabDirectory lab, int node, IReadOnlyList<string> command)
    {
        var files = lab.ExistingNode(node);
        files.Cgroup.Enter();
        LabPod.Execute(LabNamespaces.Of(files), command);
    }

    /// <summary>Becomes <paramref name="command"/> on the host outside of the cluster.</summary>
    public static void ExecuteOutside(LabDirectory lab, IReadOnlyList<string> command) =>
        LabPod.Execute(LabNamespaces.Outside(lab), command);

    /// <summary>Ends one of a node's processes by SIGKILL. Fine when it is not running.</summary>
    public static void Kill(LabDirectory lab, NodeProgram program, int node)
    {
        using var beside = LabLock.BesideOthers(lab);
        Process(lab.ExistingNode(node), program).Kill();
    }

    /// <summary>Starts it again; returns when an agent serves.</summary>
    /// <exception cref="LabException">It runs already, or does not come up.</exception>
    public static void Start(LabDirectory lab, NodeProgram program, int node)
    {
        using var beside = LabLock.BesideOthers(lab);
        var files = lab.ExistingNode(node);
        var started = StartStopped(Process(files, program), $"{program} kill --node {node}");
        if (program == NodeProgram.Agent)
        {
            LabNode.WaitForAgent(files, started, CancellationToken.None);
        }
    }

    /// <summary>Ends one of the cluster's processes by SIGKILL. Fine when it is not running.</summary>
    public static void Kill(LabDirectory lab, ClusterProgram program)
    {
        using var beside = LabLock.BesideOthers(lab);
        Process(lab, program).Kill();
    }

    /// <summary>Starts it again; what it keeps in its files is as it was.</summary>
    /// <exception cref="LabException">It runs already.</exception>
    public static void Start(LabDirectory lab, ClusterProgram program)
    {
        using var beside = LabLock.BesideOthers(lab);
        StartStopped(Process(lab, program), $"{program} kill");
        if (program == ClusterProgram.ApiServer)
        {
            ClusterState.WaitForServer(lab);
        }
    }

    private static DetachedProcess StartStopped(LabProcess process, string command) =>
        process.IsRunning
            ? throw new LabException(
                $"{process.Name} runs already: end it first with `weft lab {command.ToLowerInvariant()}`"
            )
            : process.Start();

    private static LabProcess Process(NodeFiles node, NodeProgram program) =>
        program == NodeProgram.Agent ? LabNode.Agent(node)
        : node.Lab.HasKubernetes ? LabNode.Kubelet(node)
        : throw new LabException("this lab is without Kubernetes: it has agents and nothing else to start or end");

    private static LabProcess Process(LabDirectory lab, ClusterProgram program) =>
        ControlPlane
            .Of(lab)
            .FirstOrDefault(p => p.Cgroup.Path.EndsWith($"/{program}", StringComparison.OrdinalIgnoreCase))
        ?? throw new LabException($"the {program.ToString().ToLowerInvariant()} is not this lab's to start or end");

    private static void Start(LabDirectory lab, LabShape shape, Action<string> progress, CancellationToken cancel)
    {
        var step = new Stopwatch();
        Step(
            "network between the nodes",
            () =>
            {
                foreach (var directory in new[] { lab.Netns, lab.MountNamespaces, lab.Peers, lab.Nodes, lab.Pods })
                {
                    Directory.CreateDirectory(directory);
                }

                lab.Cgroup.Create();
                Mounts.ShareBelow(lab.Root);
                Mounts.KeepBelowPrivate(lab.MountNamespaces);
                Underlay.CreateOutside(lab);
            }
        );
        if (!shape.WithoutKubernetes)
        {
            Step("API server serves", () => ControlPlane.Start(lab, shape.Kubeconfig, cancel));
        }

        var nodes = Enumerable.Range(1, shape.Nodes).Select(lab.Node).ToList();
        foreach (var node in nodes)
        {
            Step($"{node.Name}: namespaces and eth0", () => LabNode.Create(node, shape.Routing));
        }

        // All at once, then wait: nodes start side by side as they would on their own machines.
        var agents = nodes.ConvertAll(node =>
        {
            node.Cgroup.Create();
            if (lab.HasKubernetes)
            {
                LabNode.Kubelet(node).Start();
            }

            return LabNode.Agent(node).Start();
        });
        foreach (var (node, agent) in nodes.Zip(agents))
        {
            Step($"{node.Name}: agent serves", () => LabNode.WaitForAgent(node, agent, cancel));
        }

        if (lab.HasKubernetes)
        {
            Step("nodes are Ready", () => ClusterState.WaitForNodes(lab, nodes, cancel));
        }

        void Step(string what, Action action)
        {
            cancel.ThrowIfCancellationRequested();
            step.Restart();
            action();
            progress(string.Create(CultureInfo.InvariantCulture, $"{what} ({step.ElapsedMilliseconds} ms)"));
        }
    }

    /// <summary>By its marker or, when somebody deleted that, by the mounts only a lab makes.</summary>
    private static bool IsLab(LabDirectory lab) =>
        lab.Exists || lab.Cgroup.Exists || MountTable.Below(lab.Root).Any(m => m.Target == lab.MountNamespaces);

    /// <summary>
    /// Everything of a lab is a process in its cgroup or inside one of its pinned namespaces, a mount below its
    /// directory, or a file in it. Links, routes, BPF maps and programs go with the namespaces that hold them.
    /// </summary>
    private static void Remove(LabDirectory lab)
    {
        lab.Cgroup.Kill();
        var mounts = MountTable.Below(lab.Root);
        ProcessTable.KillInside(mounts.Where(m => m.IsNamespace).Select(m => m.Root).ToHashSet());
        foreach (var mount in mounts.Reverse())
        {
            Mounts.Detach(mount.Target);
        }

        if (MountTable.Below(lab.Root) is [var left, ..])
        {
            throw new LabException(
                $"{left.Target} is still mounted: something else mounts there; unmount it and repeat"
            );
        }

        lab.Cgroup.Remove();
        if (Directory.Exists(lab.Root))
        {
            Directory.Delete(lab.Root, recursive: true);
        }
    }
}
