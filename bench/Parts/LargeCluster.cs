using System.Diagnostics;
using Weft.Bench.ControlPlane;
using Weft.Bench.Results;
using Weft.Contracts;
using Weft.Kubernetes;
using Weft.Lab;

namespace Weft.Bench.Parts;

/// <summary>
/// Operator and agents, real processes, in a large cluster: the lab's API server, two real nodes, and all other nodes and
/// pods as API objects that the bench writes.
/// </summary>
internal static class LargeCluster
{
    // The map is looked at after each.
    private const int Bursts = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static void Measure(Settings settings, ResultList results, CancellationToken cancel)
    {
        using var lab = BenchLab.StartKubernetes(2, RoutingMode.Vxlan, cancel);
        // Nothing of these is measured, and every pod would be work for them.
        Cluster.Kill(lab.Lab, ClusterProgram.Controllers);
        Cluster.Kill(lab.Lab, NodeProgram.Kubelet, 1);
        Cluster.Kill(lab.Lab, NodeProgram.Kubelet, 2);
        MeasureAsync(lab, settings, results, cancel).GetAwaiter().GetResult();
    }

    private static async Task MeasureAsync(
        BenchLab lab,
        Settings settings,
        ResultList results,
        CancellationToken cancel
    )
    {
        using var client = lab.Client();
        using var watch = new ClusterWatch(client, cancel);
        OperatorProcess.EndOfLab(lab);
        var first = OperatorProcess.Start(lab, 1);
        var cluster = new FakeCluster(client, watch, settings.Cluster);
        var start = Stopwatch.GetTimestamp();
        await cluster.FillAsync(cancel);
        results.Add($"filling it: {settings.Cluster}", Stopwatch.GetElapsedTime(start).TotalSeconds, "s");
        var agent = lab.Agent(1);
        using var peers = new PeersOfNode(agent, lab.Node(1).Name, watch);

        start = Stopwatch.GetTimestamp();
        var second = OperatorProcess.Start(lab, 2);
        await second.UntilFollowsAsync(settings.Cluster.Pods, cancel);
        results.Add("operator, start until it knows all pods", Stopwatch.GetElapsedTime(start).TotalSeconds, "s");
        results.Add("operator RSS, peak of a start", second.Numbers.PeakMegabytes, "MB");
        results.Add("operator RSS after a start", second.Numbers.ResidentMegabytes, "MB");

        await ChurnAsync();
        await Reachability.MeasureAsync(lab, client, watch, settings.Iterations, results, cancel);
        results.Add("take-over after SIGTERM", await Takeover.MeasureAsync(first, true, cluster, watch, cancel), "s");
        var third = OperatorProcess.Start(lab, 3);
        await third.UntilFollowsAsync(settings.Cluster.Pods, cancel);
        results.Add("take-over after SIGKILL", await Takeover.MeasureAsync(second, false, cluster, watch, cancel), "s");

        async Task ChurnAsync()
        {
            var churn = new Churn(cluster, watch);
            var (operatorCpu, agentCpu, busy) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
            var (rates, differences) = (new List<double>(), 0);
            for (var burst = 0; burst < Bursts; burst++)
            {
                var (operatorBefore, agentBefore) = (first.Numbers.Cpu, agent.Cpu);
                var began = Stopwatch.GetTimestamp();
                rates.Add(await churn.RunAsync(settings.Churn.PerMinute, settings.Churn.Time / Bursts, cancel));
                differences += await peers.DifferencesAsync(Patience, cancel);
                busy += Stopwatch.GetElapsedTime(began);
                operatorCpu += first.Numbers.Cpu - operatorBefore;
                agentCpu += agent.Cpu - agentBefore;
            }

            double[] delays = [.. churn.Delays.Order()];
            results.Add("pod changes a minute", rates.Average(), "");
            results.Add("pod to its identity, median", delays.Quantile(0.5), "ms");
            results.Add("pod to its identity, p99", delays.Quantile(0.99), "ms");
            results.Add(Names.SlowestIdentity, delays[^1], "ms");
            results.Add(Names.OperatorRss, first.Numbers.ResidentMegabytes, "MB");
            results.Add("operator RSS, peak", first.Numbers.PeakMegabytes, "MB");
            results.Add(Names.OperatorCores, operatorCpu / busy, "cores");
            results.Add(Names.ClusterAgentRss, agent.ResidentMegabytes, "MB");
            results.Add("agent RSS in a large cluster, peak", agent.PeakMegabytes, "MB");
            results.Add(Names.ClusterAgentCores, agentCpu / busy, "cores");
            results.Add(Names.PeerDifferences, differences, "");
        }
    }
}
