using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab;

/// <summary>What the lab reads of the cluster by its API.</summary>
internal static class ClusterState
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    public static KubernetesClient Client(LabDirectory lab) =>
        new(ClusterConnection.FromKubeconfig(lab.Kubeconfig), userAgent: "weft-lab");

    /// <summary>Returns when the API server answers.</summary>
    /// <exception cref="LabException">It takes too long.</exception>
    public static void WaitForServer(LabDirectory lab)
    {
        using var client = Client(lab);
        using var limit = new CancellationTokenSource(StartPatience);
        while (true)
        {
            try
            {
                client.ListAsync(Kinds.Nodes, new ListOptions { Limit = 1 }, limit.Token).GetAwaiter().GetResult();
                return;
            }
            catch (KubernetesException e) when (e.IsUnreachable)
            {
                Thread.Sleep(20);
            }
            catch (OperationCanceledException)
            {
                throw ControlPlane.ApiServer(lab).Failed($"does not answer after {StartPatience.TotalSeconds} s");
            }
        }
    }

    /// <summary>Returns when the Node of each is Ready.</summary>
    /// <exception cref="LabException">One does not become so.</exception>
    public static void WaitForNodes(LabDirectory lab, IReadOnlyList<NodeFiles> nodes, CancellationToken cancel)
    {
        using var client = Client(lab);
        HashSet<string> waiting = [.. nodes.Select(n => n.Name)];
        Until(
            client,
            Kinds.Nodes,
            new WatchOptions(),
            Ready,
            () => $"{string.Join(", ", waiting)} did not become Ready; see {nodes[0].KubeletLog} and those beside it",
            cancel
        );

        bool Ready(Node node)
        {
            if (node.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true)
            {
                waiting.Remove(node.Metadata.Name!);
            }

            return waiting.Count == 0;
        }
    }

    /// <summary>Watches objects, those there are first, until one is what is waited for.</summary>
    /// <param name="client">The API server.</param>
    /// <param name="resource">Of which kind.</param>
    /// <param name="options">Which of them.</param>
    /// <param name="reached">Judges each as it comes.</param>
    /// <param name="complaint">What is said when it takes too long.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="LabException">It takes too long.</exception>
    public static void Until<T>(
        KubernetesClient client,
        Resource<T> resource,
        WatchOptions options,
        Func<T, bool> reached,
        Func<string> complaint,
        CancellationToken cancel
    )
        where T : class, IKubernetesObject
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(StartPatience);
        try
        {
            WatchAsync().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new LabException($"{complaint()} within {StartPatience.TotalSeconds} s");
        }

        async Task WatchAsync()
        {
            while (true)
            {
                await foreach (var seen in client.WatchAsync(resource, options, limit.Token))
                {
                    if (seen is { Type: not WatchEventType.Bookmark, Object: { } found } && reached(found))
                    {
                        return;
                    }
                }
            }
        }
    }

    /// <summary>Returns when an object that is being deleted is gone.</summary>
    public static void UntilGone<T>(
        KubernetesClient client,
        Resource<T> resource,
        ObjectKey key,
        CancellationToken cancel
    )
        where T : class, IKubernetesObject
    {
        while (client.FindAsync(resource, key, cancel).GetAwaiter().GetResult() is not null)
        {
            Thread.Sleep(20);
        }
    }
}
