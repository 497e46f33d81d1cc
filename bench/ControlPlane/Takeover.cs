using System.Diagnostics;

namespace Weft.Bench.ControlPlane;

/// <summary>How long nobody writes when the leader ends: until the next one has the Lease and has made an identity.</summary>
internal static class Takeover
{
    /// <summary>Ends the leader, and returns the seconds until the other one has done its first work.</summary>
    public static async Task<double> MeasureAsync(
        OperatorProcess leader,
        bool politely,
        FakeCluster cluster,
        ClusterWatch watch,
        CancellationToken cancel
    )
    {
        var before = watch.Leader;
        var start = Stopwatch.GetTimestamp();
        leader.End(politely);
        await Until.SoAsync(watch.Leases, () => watch.Leader is { } next && next != before, cancel);
        // Only now: the one that ends must not have the chance to do it.
        var pod = cluster.NewcomerPod();
        await cluster.Nodes[0].RemoveAsync(cancel);
        await cluster.Nodes[0].AddAsync(pod, cancel);
        var (_, at) = await watch.IdentityAsync(pod.Namespace, pod.App, cancel);
        return Stopwatch.GetElapsedTime(start, at).TotalSeconds;
    }
}
