using System.Security.Cryptography;
using System.Text.Json;
using Weft.Lab.Cni;
using Weft.Lab.Linux;
using Weft.Netlink;

namespace Weft.Lab;

/// <summary>A pod's life, with the lab in the role of the container runtime.</summary>
public static class LabPod
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
            command,
            PluginList.Of(LabNode.Network, Path.GetFileName(Programs.Plugin)).Json
        );

        // Before ADD, so that the pod can be deleted whenever this process is killed.
        Claim(pod, record);
        try
        {
            Underlay.CreatePod(pod);
            record = record with
            {
                Result = Runtime.Add(LabNamespaces.Of(lab.Node(node)), NetworkOf(record), AttachmentOf(pod, record)),
            };
            LabJson.Save(pod.Record, record, LabJson.Default.PodRecord);
            if (command.Count > 0)
            {
                lab.Node(node)
                    .Cgroup.Run(() =>
                        LabNamespaces.Of(pod, lab.Node(node)).Run(() => DetachedProcess.Start(command, pod.Log))
                    );
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
        Detach(pod, record);
        Forget(pod);
    }

    /// <summary>Becomes <paramref name="command"/> inside of a pod.</summary>
    public static void Execute(LabDirectory lab, PodName name, IReadOnlyList<string> command)
    {
        var pod = lab.Pod(name);
        var record = Load(pod);
        var node = lab.ExistingNode(record.Node);
        // As part of the container, so that it ends with it; or else of the node, whose Services it uses.
        (record.Containers is [var container, ..] ? node.CgroupOf(record).Child(container.Name) : node.Cgroup).Enter();
        Execute(File.Exists(pod.Netns) ? LabNamespaces.Of(pod, node) : LabNamespaces.Of(node), command);
    }

    /// <summary>Path of what a pod's container wrote.</summary>
    /// <exception cref="LabException">There is no such pod or container.</exception>
    public static string LogOf(LabDirectory lab, PodName name, string? container)
    {
        var pod = lab.Pod(name);
        if (Load(pod).Containers is not { } containers)
        {
            return pod.Log;
        }

        var found = containers.FirstOrDefault(c => container is null || c.Name == container);
        return found is not null
            ? pod.LogOf(found.Name)
            : throw new LabException(
                $"{name} has no container {container} that was started, only {string.Join(", ", containers.Select(c => c.Name))}"
            );
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
            Detach(pod, record);
        }
        catch (LabException) { }

        Forget(pod);
    }

    private static void Detach(PodFiles pod, PodRecord record) =>
        Runtime.Delete(
            LabNamespaces.Of(pod.Lab.ExistingNode(record.Node)),
            NetworkOf(record),
            AttachmentOf(pod, record),
            record.Result
        );

    private static PluginList NetworkOf(PodRecord record) => new(record.Network!);

    private static Attachment AttachmentOf(PodFiles pod, PodRecord record) =>
        new(pod.Name, record.Uid, record.ContainerId, pod.Netns, record.CapabilityArgs);

    private static void EndProcesses(PodFiles pod) =>
        ProcessTable.KillInside(MountTable.Below(pod.Netns).Select(m => m.Root).ToHashSet());

    private static void Forget(PodFiles pod)
    {
        NetworkNamespace.Unpin(pod.Netns);
        File.Delete(pod.Log);
        File.Delete(pod.Record);
    }
}
