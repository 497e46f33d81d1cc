using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Operator.Metrics;

namespace Weft.Operator;

/// <summary>
/// Takes keys from a queue and makes the cluster right for each. What fails comes again, the later the more often it
/// failed; what changes meanwhile is done once more afterwards.
/// </summary>
internal sealed partial class ReconcileLoop<TKey>(
    string name,
    WorkQueue<TKey> queue,
    Func<TKey, CancellationToken, Task> reconcile,
    OperatorMetrics metrics,
    ILogger logger
)
    where TKey : notnull
{
    /// <summary>Works until cancelled, on several keys at once.</summary>
    public Task RunAsync(int workers, CancellationToken cancellation) =>
        Together.RunAsync(cancellation, Enumerable.Repeat<Func<CancellationToken, Task>>(WorkAsync, workers));

    private async Task WorkAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var key = await queue.GetAsync(cancellation);
            try
            {
                await reconcile(key, cancellation);
                queue.Forget(key);
                metrics.Reconciled(name, "success");
            }
            catch (KubernetesException e) when (e.IsConflict)
            {
                // The cache was behind, or another writer came first: as it should be, and not worth a line.
                metrics.Reconciled(name, "conflict");
                queue.AddRateLimited(key);
            }
            catch (KubernetesException e)
            {
                metrics.Reconciled(name, "error");
                // That the server does not answer the client says, once and not for every key.
                if (!e.IsUnreachable)
                {
                    LogFailed(name, key.ToString(), e.Message);
                }

                queue.AddRateLimited(key);
            }
            finally
            {
                queue.Done(key);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Reconciler} {Key}: {Error}; tried again")]
    private partial void LogFailed(string reconciler, string? key, string error);
}
