using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Weft.Bench.Plugins;
using Weft.Bench.Results;
using Weft.Lab;
using Weft.Netlink;

namespace Weft.Bench.Parts;

/// <summary>A node as full as Kubernetes makes it, filled and emptied as a busy runtime does: several calls at a time.</summary>
internal static class Density
{
    private const int Pods = 250;
    private const int AtOnce = 8;
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(3);

    public static void Measure(ResultList results, CancellationToken cancel)
    {
        using var lab = BenchLab.Start(1, RoutingMode.Vxlan, cancel);
        using var node = NetworkNamespace.Open(lab.Node(1).Netns);
        var agent = lab.Agent(1);
        var before = Kept(lab, node);
        results.Add("agent RSS, empty node", agent.ResidentMegabytes, "MB");
        results.Add("agent CPU, empty node", IdleShare(agent, cancel), "%");

        var pods = Enumerable.Range(1, Pods).Select(i => lab.MakeSandbox($"p{i}")).ToList();
        var busyBefore = agent.Cpu;
        var adds = CallAll(lab, "ADD", pods, results, cancel, out var failedAdds);
        results.Add($"agent CPU for {Pods} ADDs", (agent.Cpu - busyBefore).TotalMilliseconds, "ms");
        results.Add(Names.FullRss, agent.ResidentMegabytes, "MB");
        results.Add("agent CPU, full node", IdleShare(agent, cancel), "%");
        foreach (var (name, megabytes) in agent.Maps().OrderByDescending(map => map.Megabytes))
        {
            results.Add($"map {name}", megabytes, "MB");
        }

        results.Add("all maps", agent.Maps().Sum(map => map.Megabytes), "MB");
        var added = pods.Select(pod => pod with { Result = adds.GetValueOrDefault(pod.Name) }).ToList();
        CallAll(lab, "DEL", added, results, cancel, out var failedDels);
        results.Add(Names.Failures, failedAdds + failedDels, "");
        results.Add(Names.Leaks, Kept(lab, node) - before, "");
        results.Add("agent RSS, emptied node", agent.ResidentMegabytes, "MB");
    }

    /// <returns>The results of those that succeeded.</returns>
    private static Dictionary<string, JsonNode?> CallAll(
        BenchLab lab,
        string verb,
        IReadOnlyList<PluginPod> pods,
        ResultList results,
        CancellationToken cancel,
        out int failed
    )
    {
        var plugin = CniPlugin.Weft(Programs.Plugin);
        var waiting = new ConcurrentQueue<PluginPod>(pods);
        var done = new ConcurrentBag<(PluginPod Pod, PluginExit Exit)>();
        var start = Stopwatch.GetTimestamp();
        var callers = Enumerable
            .Range(0, AtOnce)
            .Select(_ =>
                Task.Factory.StartNew(
                    Caller,
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
            );
        Task.WaitAll([.. callers], CancellationToken.None);
        var elapsed = Stopwatch.GetElapsedTime(start);
        cancel.ThrowIfCancellationRequested();

        double[] times = [.. done.Select(d => d.Exit.Elapsed.TotalMilliseconds).Order()];
        results.Add($"{Pods} {verb}s, {AtOnce} at a time", elapsed.TotalSeconds, "s");
        results.Add($"{verb}, {AtOnce} at a time, p50", times.Quantile(0.5), "ms");
        results.Add($"{verb}, {AtOnce} at a time, p99", times.Quantile(0.99), "ms");
        var failures = done.Where(d => d.Exit.Status != 0).ToList();
        foreach (var (pod, exit) in failures)
        {
            ResultList.Show($"{verb} of {pod.Name} failed: {exit.Output.Trim()}");
        }

        failed = failures.Count;
        return done.Where(d => d.Exit.Status == 0 && d.Exit.Output.Length > 0)
            .ToDictionary(d => d.Pod.Name, d => JsonNode.Parse(d.Exit.Output));

        void Caller() =>
            lab.InNode(1)
                .Run(() =>
                {
                    while (!cancel.IsCancellationRequested && waiting.TryDequeue(out var pod))
                    {
                        done.Add((pod, plugin.Call(verb, pod)));
                    }

                    return true;
                });
    }

    /// <summary>Everything a pod has on its node: links, files, addresses in use, map entries, and what the agent lists.</summary>
    private static long Kept(BenchLab lab, NetworkNamespace node)
    {
        using var routes = RouteSocket.Open(node);
        var state =
            LabStatus.Of(lab.Lab).Nodes[0].State ?? throw new BenchException("the agent does not say what it has");
        return routes.Links().Count
            + routes.Routes().Count
            + Directory.GetFiles(Path.Combine(lab.Node(1).Run, "endpoints")).Length
            + state.Addresses.Sum(pool => pool.Used)
            + state.Maps.Where(map => map.Name == "endpoints").Sum(map => map.Entries)
            + state.Endpoints.Count;
    }

    /// <summary>Percent of one core.</summary>
    private static double IdleShare(DaemonProcess agent, CancellationToken cancel)
    {
        var before = agent.Cpu;
        cancel.WaitHandle.WaitOne(IdleTime);
        cancel.ThrowIfCancellationRequested();
        return 100 * (agent.Cpu - before) / IdleTime;
    }
}
