using System.Collections.Concurrent;
using Weft.Netlink;

namespace Weft.Agent.Endpoints;

/// <summary>
/// Removes pods' links, and returns as soon as nobody can see one any more. The kernel takes both ends off its lists,
/// announces it, and acknowledges the removal only after further RCU grace periods, in which it frees their memory: a
/// DEL need not wait for those.
/// </summary>
internal sealed class LinkRemoval
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> awaited = new();

    /// <summary>Removes the link; one that is gone is fine.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void Remove(string name)
    {
        var announced = new TaskCompletionSource();
        awaited[name] = announced;
        try
        {
            var acknowledged = Task.Factory.StartNew(
                () =>
                {
                    using var host = RouteSocket.Open();
                    PodLink.Remove(host, name);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            );
            if (Task.WhenAny(acknowledged, announced.Task).Result == acknowledged)
            {
                acknowledged.GetAwaiter().GetResult();
            }
        }
        finally
        {
            awaited.TryRemove(name, out _);
        }
    }

    /// <summary>The kernel has announced that the link is gone.</summary>
    public void Announced(string name)
    {
        if (awaited.TryGetValue(name, out var announced))
        {
            announced.TrySetResult();
        }
    }
}
