using System.Diagnostics;
using System.Globalization;
using Weft.Contracts;
using Weft.Lab.Linux;

namespace Weft.Lab;

/// <summary>A lab's beginning and end.</summary>
public static class Cluster
{
    /// <summary>Starts a lab and returns when every agent serves.</summary>
    /// <param name="lab">Where; nothing may be there yet.</param>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="routing">How packets get from node to node.</param>
    /// <param name="progress">Gets a line for each step done.</param>
    /// <param name="cancel">Ends the start.</param>
    /// <exception cref="LabException">It failed; nothing is left of the lab.</exception>
    public static void Up(
        LabDirectory lab,
        int nodes,
        RoutingMode routing,
        Action<string> progress,
        CancellationToken cancel
    )
    {
        Programs.Require();
        using var alone = LabLock.Create(lab);
        try
        {
            Start(lab, nodes, routing, progress, cancel);
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

    /// <summary>Becomes <paramref name="command"/> inside of a node.</summary>
    public static void ExecuteOnNode(LabDirectory lab, int node, IReadOnlyList<string> command) =>
        Pod.Execute(LabNamespaces.Of(lab.ExistingNode(node)), command);

    /// <summary>Becomes <paramref name="command"/> on the host outside of the cluster.</summary>
    public static void ExecuteOutside(LabDirectory lab, IReadOnlyList<string> command) =>
        Pod.Execute(LabNamespaces.Outside(lab), command);

    /// <summary>Ends a node's agent by SIGKILL. Fine when it is not running.</summary>
    public static void KillAgent(LabDirectory lab, int node)
    {
        using var beside = LabLock.BesideOthers(lab);
        Node.KillAgent(lab.ExistingNode(node));
    }

    /// <summary>Starts a node's agent again and returns when it serves.</summary>
    /// <exception cref="LabException">It runs already, or does not come up.</exception>
    public static void StartAgent(LabDirectory lab, int node)
    {
        using var beside = LabLock.BesideOthers(lab);
        var files = lab.ExistingNode(node);
        if (Node.Ask(files, AgentVerb.Status).Error is null)
        {
            throw new LabException(
                $"the agent of {files.Name} serves already: end it first with `weft lab agent kill`"
            );
        }

        Node.WaitForAgent(files, Node.StartAgent(files), CancellationToken.None);
    }

    private static void Start(
        LabDirectory lab,
        int count,
        RoutingMode routing,
        Action<string> progress,
        CancellationToken cancel
    )
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

                Mounts.ShareBelow(lab.Root);
                Mounts.KeepBelowPrivate(lab.MountNamespaces);
                Underlay.CreateOutside(lab);
            }
        );

        var nodes = Enumerable.Range(1, count).Select(lab.Node).ToList();
        foreach (var node in nodes)
        {
            Step($"{node.Name}: namespaces and eth0", () => Node.Create(node, routing));
        }

        // All at once, then wait: agents start side by side as they would on their own machines.
        var agents = nodes.ConvertAll(Node.StartAgent);
        foreach (var (node, agent) in nodes.Zip(agents))
        {
            Step($"{node.Name}: agent serves", () => Node.WaitForAgent(node, agent, cancel));
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
        lab.Exists || MountTable.Below(lab.Root).Any(m => m.Target == lab.MountNamespaces);

    /// <summary>
    /// Everything of a lab is a process inside one of its pinned namespaces, a mount below its directory, or a file
    /// in it. Links, routes, BPF maps and programs go with the namespaces that hold them.
    /// </summary>
    private static void Remove(LabDirectory lab)
    {
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

        Directory.Delete(lab.Root, recursive: true);
    }
}
