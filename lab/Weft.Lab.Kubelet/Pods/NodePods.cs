using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Kubelet.Pods;

/// <summary>The pods of this node: a life for each, one after the other where two have the same name.</summary>
internal sealed class NodePods(KubeletNode node)
{
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectKey, (PodLife Life, Task Run)> lives = [];

    /// <summary>Ends what is on the node of pods that were deleted while no kubelet ran.</summary>
    /// <param name="uids">Of the pods there are.</param>
    public Task RemoveOthersAsync(IReadOnlySet<string> uids) =>
        Task.WhenAll(
            node.Files.Lab.PodNames()
                .Select(name => (Files: node.Files.Lab.Pod(name), Record: LabPod.Load(node.Files.Lab.Pod(name))))
                .Where(pod => pod.Record.Node == node.Files.Number && !uids.Contains(pod.Record.Uid))
                .Select(pod => PodLife.RemoveAsync(node, pod.Files, pod.Record))
        );

    public void Apply(Change<Pod> change)
    {
        lock (gate)
        {
            var known = lives.TryGetValue(change.Key, out var current);
            if (change.New is not { } pod)
            {
                current.Life?.Gone();
            }
            else if (known && current.Life.Uid == pod.Metadata.Uid)
            {
                current.Life.Update(pod);
            }
            else
            {
                current.Life?.Gone();
                Begin(change.Key, pod, known ? current.Run : Task.CompletedTask);
            }
        }
    }

    private void Begin(ObjectKey key, Pod pod, Task before)
    {
        var files = node.Files.Lab.Pod(new PodName(key.Namespace!, key.Name));
        var record = File.Exists(files.Record) ? LabPod.Load(files) : null;
        var life = new PodLife(node, pod, record?.Uid == pod.Metadata.Uid ? record : null);
        lives[key] = (life, RunAsync(key, life, before));
    }

    private async Task RunAsync(ObjectKey key, PodLife life, Task before)
    {
        // Not on the informer's task, which waits for nobody.
        await Task.Yield();
        await before;
        node.Log.PodComes(key, life.Uid);
        try
        {
            await life.RunAsync();
            node.Log.PodEnded(key, life.Uid);
        }
#pragma warning disable CA1031 // One pod's failure must not end the others; it is told, and deleting the pod ends it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            node.Log.PodLost(key, e);
        }
        finally
        {
            lock (gate)
            {
                if (lives.TryGetValue(key, out var current) && current.Life == life)
                {
                    lives.Remove(key);
                }

                life.Dispose();
            }
        }
    }
}
