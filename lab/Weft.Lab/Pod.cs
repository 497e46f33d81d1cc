using System.Security.Cryptography;
using System.Text.Json;
using Weft.Lab.Linux;
using Weft.Netlink;

namespace Weft.Lab;

/// <summary>A pod's life, with the lab in the role of the container runtime.</summary>
public static class Pod
{
    /// <summary>Makes the pod's network by the real plugin and starts a command in it, if there is one.</summary>
    /// <exception cref="LabException">It failed; nothing is left of the pod.</exception>
    public static PodRecord Run(LabDirectory lab, PodName name, int node, IReadOnlyList<string> command)
    {
        using var beside = LabLock.BesideOthers(lab);
        var pod = lab.Pod(name);
        var record = new PodRecord(
            lab.ExistingNode(node).Number,
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)),
            Guid.NewGuid().ToString(),
            command
        );

        // Before ADD, so that the pod can be deleted whenever this process is killed.
        Claim(pod, record);
        try
        {
            Underlay.CreatePod(pod);
            record = record with { Result = Plugin.Call("ADD", pod, record) };
            LabJson.Save(pod.Record, record, LabJson.Default.PodRecord);
            if (command.Count > 0)
            {
                LabNamespaces.Of(pod, lab.Node(node)).Run(() => DetachedProcess.Start(command, pod.Log));
            }

            return record;
        }
        catch
        {
            Abandon(pod, record);
            throw;
        }
    }

    /// <summary>Ends the pod's processes, takes its network away by the real plugin, and forgets it.</summary>
    public static void Delete(LabDirectory lab, PodName name)
    {
        using var beside = LabLock.BesideOthers(lab);
        var pod = lab.Pod(name);
        var record = Load(pod);
        EndProcesses(pod);
        Plugin.Call("DEL", pod, record);
        Forget(pod);
    }

    /// <summary>Becomes <paramref name="command"/> inside of a pod.</summary>
    public static void Execute(LabDirectory lab, PodName name, IReadOnlyList<string> command)
    {
        var pod = lab.Pod(name);
        Execute(LabNamespaces.Of(pod, lab.ExistingNode(Load(pod).Node)), command);
    }

    internal static PodRecord Load(PodFiles pod) =>
        File.Exists(pod.Record)
            ? LabJson.Load(pod.Record, LabJson.Default.PodRecord)
            : throw new LabException($"this lab has no pod {pod.Name}: see `weft lab status`");

    internal static void Execute(LabNamespaces where, IReadOnlyList<string> command) =>
        where.Run(() =>
        {
            ThisProcess.Execute(command);
            return true;
        });

    /// <summary>Fails when the pod exists: two commands must not make one pod.</summary>
    private static void Claim(PodFiles pod, PodRecord record)
    {
        try
        {
            using var file = new FileStream(pod.Record, FileMode.CreateNew);
            JsonSerializer.Serialize(file, record, LabJson.Default.PodRecord);
        }
        catch (IOException) when (File.Exists(pod.Record))
        {
            throw new LabException($"the lab has a pod {pod.Name} already: delete it first, or choose another name");
        }
    }

    /// <summary>The spec's duty of a runtime after a failed ADD. What fails here is only a consequence of that failure.</summary>
    private static void Abandon(PodFiles pod, PodRecord record)
    {
        EndProcesses(pod);
        try
        {
            Plugin.Call("DEL", pod, record);
        }
        catch (LabException) { }

        Forget(pod);
    }

    private static void EndProcesses(PodFiles pod) =>
        ProcessTable.KillInside(MountTable.Below(pod.Netns).Select(m => m.Root).ToHashSet());

    private static void Forget(PodFiles pod)
    {
        NetworkNamespace.Unpin(pod.Netns);
        File.Delete(pod.Log);
        File.Delete(pod.Record);
    }
}
