using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab.Kubelet.Nodes;
using Weft.Lab.Kubelet.Pods;

namespace Weft.Lab.Kubelet;

/// <summary>
/// The kubelet of one node of a lab, with the container runtime in it. It runs in the node's network namespace, and in
/// the machine's mount namespace, for pods' networks are pinned where all of the lab sees them. Its end ends no pod:
/// the next one goes on from the pods' records.
/// </summary>
public static class NodeKubelet
{
    public static async Task RunAsync(
        string directory,
        int number,
        string kubeconfig,
        ILogger log,
        CancellationToken cancel
    )
    {
        var files = LabDirectory.Open(directory).ExistingNode(number);
        using var client = new KubernetesClient(ClusterConnection.FromKubeconfig(kubeconfig), log, "weft-lab-kubelet");
        await using var events = new EventRecorder(client, "kubelet", files.Name);
        var node = new KubeletNode(files, client, events, log);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] parts = [new NodeRegistration(node).RunAsync(ends.Token), FollowPodsAsync(node, ends.Token)];
        await await Task.WhenAny(parts);
    }

    private static async Task FollowPodsAsync(KubeletNode node, CancellationToken cancel)
    {
        var informer = new Informer<Pod>(
            node.Client,
            Kinds.Pods,
            new InformerOptions<Pod> { FieldSelector = $"spec.nodeName={node.Files.Name}" }
        );
        var changes = Channel.CreateUnbounded<Change<Pod>>(new UnboundedChannelOptions { SingleReader = true });
        informer.Changed += change => changes.Writer.TryWrite(change);
        var following = informer.RunAsync(cancel);
        await Task.WhenAny(following, informer.SyncedAsync(cancel)).Unwrap();
        var pods = new NodePods(node);
        await pods.RemoveOthersAsync(informer.List().Select(pod => pod.Metadata.Uid!).ToHashSet());
        await foreach (var change in changes.Reader.ReadAllAsync(cancel))
        {
            pods.Apply(change);
        }
    }
}
