using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers;

/// <summary>
/// The loop of every controller: keys come from changes, each is reconciled alone, and again later when that failed.
/// What to do is decided by what the server has at that moment, never by a cache that may not show the last write yet.
/// </summary>
/// <param name="name">The controller's, for the log.</param>
/// <param name="log">Where failures are told.</param>
/// <param name="workers">How many keys at once.</param>
internal abstract class Reconciler(string name, ILogger log, int workers = 4) : IDisposable
{
    private readonly WorkQueue<ObjectKey> queue = new();

    protected void Add(ObjectKey key) => queue.Add(key);

    protected void AddAfter(ObjectKey key, TimeSpan delay) => queue.AddAfter(key, delay);

    /// <summary>Makes what is owned by the object of this key as it is to be.</summary>
    protected abstract Task ReconcileAsync(ObjectKey key, CancellationToken cancel);

    public Task RunAsync(CancellationToken cancel) =>
        Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(cancel)));

    public void Dispose() => queue.Dispose();

    private async Task WorkAsync(CancellationToken cancel)
    {
        while (true)
        {
            var key = await queue.GetAsync(cancel);
            try
            {
                await ReconcileAsync(key, cancel);
                queue.Forget(key);
            }
            catch (KubernetesException e)
            {
                // A conflict is another's write that came first: the next try sees it.
                if (!e.IsConflict)
                {
                    log.WillTryAgain(name, key, e.Message);
                }

                queue.AddRateLimited(key);
            }
            finally
            {
                queue.Done(key);
            }
        }
    }
}

internal static partial class ReconcilerLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Controller}: will try {Key} again: {Problem}")]
    public static partial void WillTryAgain(this ILogger log, string controller, ObjectKey key, string problem);
}
