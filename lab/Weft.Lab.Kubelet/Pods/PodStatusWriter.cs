using System.Text.Json;
using System.Threading.Channels;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Kubelet.Pods;

/// <summary>Writes a pod's status when it has changed: the newest, however often it changed since the last write.</summary>
internal sealed class PodStatusWriter(KubeletNode node, Pod pod, Func<PodStatus?, PodStatus> current)
{
    private readonly Channel<bool> changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }
    );

    public void Changed() => changes.Writer.TryWrite(true);

    /// <summary>No changes come any more; <see cref="RunAsync"/> returns when the last is written.</summary>
    public void Complete() => changes.Writer.Complete();

    public async Task RunAsync()
    {
        var written = pod.Status;
        byte[] text = [];
        await foreach (var _ in changes.Reader.ReadAllAsync())
        {
            var status = current(written);
            // With the uid, so that it is refused if another pod has the name by now.
            var patch = new Pod
            {
                Metadata = new ObjectMeta { Uid = pod.Metadata.Uid },
                Status = status,
            };
            var next = JsonSerializer.SerializeToUtf8Bytes(patch, Kinds.Pods.Json);
            if (!next.AsSpan().SequenceEqual(text) && await WriteAsync(next))
            {
                (written, text) = (status, next);
            }
        }
    }

    /// <returns>False when the pod is gone.</returns>
    private Task<bool> WriteAsync(byte[] patch) =>
        node.UntilDoneAsync(
            $"write the status of pod {ObjectKey.Of(pod)}",
            cancel => node.Client.PatchAsync(Kinds.Pods, ObjectKey.Of(pod), Patch.Merge(patch), cancel, "status")
        );
}
