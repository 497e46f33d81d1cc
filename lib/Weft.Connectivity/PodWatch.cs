using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Connectivity;

/// <summary>Waits for pods of a namespace.</summary>
internal sealed class PodWatch(KubernetesClient client, string space)
{
    /// <summary>Returns them by name when all are as wanted, or as they are when patience ends.</summary>
    public async Task<IReadOnlyDictionary<string, Pod>> UntilAsync(
        IReadOnlyList<Pod> pods,
        Func<Pod, bool> isAsWanted,
        TimeSpan patience,
        CancellationToken cancel
    )
    {
        var wanted = pods.Select(pod => pod.Metadata.Name!).ToHashSet();
        var seen = new Dictionary<string, Pod>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience);
        try
        {
            while (true)
            {
                // Without a version a watch begins with all there is.
                await foreach (
                    var change in client.WatchAsync(Kinds.Pods, new WatchOptions { Namespace = space }, limit.Token)
                )
                {
                    if (
                        change is { Type: not WatchEventType.Bookmark, Object: { } pod }
                        && wanted.Contains(pod.Metadata.Name!)
                    )
                    {
                        seen[pod.Metadata.Name!] = pod;
                        if (wanted.All(name => seen.TryGetValue(name, out var found) && isAsWanted(found)))
                        {
                            return seen;
                        }
                    }
                }
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return seen;
        }
    }
}
