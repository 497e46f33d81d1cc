using System.Globalization;
using Weft.Resources;

namespace Weft.Bench.ControlPlane;

/// <summary>The cluster that the operator and an agent are measured in.</summary>
internal sealed record ClusterSize(int Nodes, int Pods, int Identities)
{
    /// <summary>What is promised for.</summary>
    public static ClusterSize Default { get; } = new(1000, 50_000, 2000);

    /// <exception cref="BenchException">Not NODES,PODS,IDENTITIES.</exception>
    public static ClusterSize Parse(string text) =>
        Numbers.Of(text, 3) is [var nodes, var pods, var identities]
        && pods <= nodes * WeftEndpointSlice.Capacity
        && identities <= pods
            ? new(nodes, pods, identities)
            : throw new BenchException(
                $"--cluster is NODES,PODS,IDENTITIES with at most {WeftEndpointSlice.Capacity} pods for each node and an "
                    + "identity for each pod, as in 100,5000,200"
            );

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Nodes} nodes, {Pods} pods, {Identities} identities");
}

/// <summary>What goes on in it: pods that come and go.</summary>
/// <param name="PerMinute">Pods that come and pods that go, together.</param>
/// <param name="Time">How long, in all.</param>
internal sealed record ChurnRate(int PerMinute, TimeSpan Time)
{
    public static ChurnRate Default { get; } = new(10_000, TimeSpan.FromMinutes(2));

    /// <exception cref="BenchException">Not CHANGES,SECONDS.</exception>
    public static ChurnRate Parse(string text) =>
        Numbers.Of(text, 2) is [var changes, var seconds]
            ? new(changes, TimeSpan.FromSeconds(seconds))
            : throw new BenchException("--churn is CHANGES,SECONDS, the changes of pods a minute, as in 1000,20");
}

file static class Numbers
{
    public static int[]? Of(string text, int count)
    {
        var parts = text.Split(',');
        var numbers = parts
            .Select(part =>
                int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
            )
            .ToArray();
        return numbers.Length == count && numbers.All(number => number > 0) ? numbers : null;
    }
}
