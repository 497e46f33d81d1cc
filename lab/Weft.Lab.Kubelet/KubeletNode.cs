using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Kubelet;

/// <summary>What all parts of a node's kubelet share.</summary>
/// <param name="Files">The node in the lab.</param>
/// <param name="Client">The API server.</param>
/// <param name="Events">What is told of pods.</param>
/// <param name="Log">What is told of this process.</param>
internal sealed record KubeletNode(NodeFiles Files, KubernetesClient Client, EventRecorder Events, ILogger Log)
{
    /// <summary>IPv4 first.</summary>
    public IReadOnlyList<string> Addresses { get; } =
    [.. AddressPlan.OfNode(Files.Number).Select(a => a.Address.ToString())];

    /// <summary>Takes a pod that has ended off the API, which waits for just that.</summary>
    public Task DeleteObjectAsync(Pod pod) =>
        UntilDoneAsync(
            $"delete pod {ObjectKey.Of(pod)}",
            async cancel =>
            {
                var now = new DeleteOptions { GracePeriodSeconds = 0, Uid = pod.Metadata.Uid };
                await Client.DeleteAsync(Kinds.Pods, ObjectKey.Of(pod), now, cancel);
            }
        );

    /// <summary>Tries a request until the server has done it, or has another object or none of that name.</summary>
    /// <returns>False when the object is gone.</returns>
    public async Task<bool> UntilDoneAsync(string what, Func<CancellationToken, Task> request)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await request(CancellationToken.None);
                return true;
            }
            catch (KubernetesException e) when (e.IsNotFound || e.IsConflict)
            {
                return false;
            }
            catch (KubernetesException e)
            {
                Log.WillTryAgain(what, e.Message);
                await Task.Delay(Pace.Backoff(failures, Pace.RetryFirst, Pace.RetryLongest));
            }
        }
    }
}
