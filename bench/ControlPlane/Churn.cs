using System.Collections.Concurrent;
using System.Diagnostics;

namespace Weft.Bench.ControlPlane;

/// <summary>Pods that come and go at a steady rate, one after the other on a node, on many nodes at once.</summary>
internal sealed class Churn(FakeCluster cluster, ClusterWatch watch)
{
    // A pod that goes and one that comes.
    private const int ChangesOfTurn = 2;

    // Every so many pods one comes with an identity that is new.
    private const int Newcomers = 10;

    private int turns;

    /// <summary>From the request that makes a pod to its identity, seen by a watch, in milliseconds.</summary>
    public ConcurrentBag<double> Delays { get; } = [];

    /// <summary>Keeps the rate as well as the API server can, and returns the one it kept, in changes a minute.</summary>
    public async Task<double> RunAsync(int perMinute, TimeSpan time, CancellationToken cancel)
    {
        var between = TimeSpan.FromMinutes(1) / (perMinute / (double)ChangesOfTurn);
        var busy = cluster.Nodes.ToDictionary(node => node, _ => Task.CompletedTask);
        var start = Stopwatch.GetTimestamp();
        var done = 0;
        for (; Stopwatch.GetElapsedTime(start) < time; done++)
        {
            var due = between * done - Stopwatch.GetElapsedTime(start);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, cancel);
            }

            var node = cluster.Nodes[turns % cluster.Nodes.Count];
            await busy[node];
            busy[node] = TurnAsync(node, turns++ % Newcomers == 0, cancel);
        }

        await Task.WhenAll(busy.Values);
        return done * ChangesOfTurn / Stopwatch.GetElapsedTime(start).TotalMinutes;
    }

    private async Task TurnAsync(FakeNode node, bool isNew, CancellationToken cancel)
    {
        await node.RemoveAsync(cancel);
        var pod = isNew ? cluster.NewcomerPod() : cluster.NextPod();
        var start = Stopwatch.GetTimestamp();
        await node.AddAsync(pod, cancel);
        if (isNew)
        {
            var (_, at) = await watch.IdentityAsync(pod.Namespace, pod.App, cancel);
            Delays.Add(Stopwatch.GetElapsedTime(start, at).TotalMilliseconds);
        }

        await node.PublishAsync(cancel);
    }
}
