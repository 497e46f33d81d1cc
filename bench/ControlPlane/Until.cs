using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Bench.ControlPlane;

/// <summary>Waiting for what an informer tells.</summary>
internal static class Until
{
    /// <summary>Ends when it is so, looked at whenever the informer's cache has changed.</summary>
    public static async Task SoAsync<T>(Informer<T> informer, Func<bool> isSo, CancellationToken cancel)
        where T : class, IKubernetesObject
    {
        var so = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(Change<T> change)
        {
            if (isSo())
            {
                so.TrySetResult();
            }
        }

        informer.Changed += Look;
        try
        {
            if (!isSo())
            {
                await so.Task.WaitAsync(cancel);
            }
        }
        finally
        {
            informer.Changed -= Look;
        }
    }
}
