using System.Security.Cryptography;
using Weft.Kubernetes.Objects;
using Weft.Lab.Cni;
using Weft.Netlink;

namespace Weft.Lab.Kubelet.Pods;

/// <summary>A pod's own network namespace, attached by the plugins of the list that is on the node.</summary>
internal static class PodNetwork
{
    /// <summary>A load of pods at once must not start a process for each on two cores.</summary>
    private static readonly SemaphoreSlim AtOnce = new(8);

    /// <summary>One try. Keeps what it makes in the pod's record before it makes it.</summary>
    /// <exception cref="LabException">It failed, and nothing is left of it.</exception>
    public static async Task<PodRecord> AttachAsync(
        NodeFiles node,
        PodFiles files,
        Pod pod,
        PodRecord record,
        CancellationToken cancel
    )
    {
        var list =
            PluginList.Find(node.CniConfig)
            ?? throw new LabException($"there is no CNI configuration in {node.CniConfig} yet: does the agent serve?");
        record = record with
        {
            ContainerId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)),
            Network = list.Json,
            CapabilityArgs = Capabilities.Of(pod),
        };
        LabJson.Save(files.Record, record, LabJson.Default.PodRecord);
        await AtOnce.WaitAsync(cancel);
        try
        {
            return await OnOwnThread(() =>
            {
                Underlay.CreatePod(files);
                var result = Runtime.Add(LabNamespaces.Of(node), list, AttachmentOf(files, record));
                return record with { Result = result };
            });
        }
        catch (Exception e) when (e is LabException or IOException or NetlinkException or NamespaceException)
        {
            // The duty of a runtime after a failed ADD; what fails here only follows from that failure.
            await OnOwnThread(() => TryDetach(node, files, record));
            throw e as LabException ?? new LabException(e.Message);
        }
        finally
        {
            AtOnce.Release();
        }
    }

    /// <summary>Takes the network away. Fine when it is gone, in part or in full.</summary>
    /// <exception cref="LabException">A plugin failed; to be tried again.</exception>
    public static async Task DetachAsync(NodeFiles node, PodFiles files, PodRecord record)
    {
        await AtOnce.WaitAsync();
        try
        {
            await OnOwnThread(() =>
            {
                if (record.Network is { } network)
                {
                    Runtime.Delete(
                        LabNamespaces.Of(node),
                        new PluginList(network),
                        AttachmentOf(files, record),
                        record.Result
                    );
                }

                NetworkNamespace.Unpin(files.Netns);
                return true;
            });
        }
        finally
        {
            AtOnce.Release();
        }
    }

    private static bool TryDetach(NodeFiles node, PodFiles files, PodRecord record)
    {
        try
        {
            Runtime.Delete(
                LabNamespaces.Of(node),
                new PluginList(record.Network!),
                AttachmentOf(files, record),
                result: null
            );
        }
        catch (LabException) { }

        NetworkNamespace.Unpin(files.Netns);
        return true;
    }

    private static Attachment AttachmentOf(PodFiles files, PodRecord record) =>
        new(files.Name, record.Uid, record.ContainerId, files.Netns, record.CapabilityArgs);

    private static Task<T> OnOwnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(
            work,
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default
        );
}
