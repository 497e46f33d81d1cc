using System.Diagnostics;
using Weft.Agent.Policy;
using Weft.Bench.Policies;
using Weft.Bench.Results;
using Weft.Kubernetes.Objects;
using Weft.Policy;
using Weft.Policy.Peers;
using Weft.Policy.Rules;
using Weft.Resources;

namespace Weft.Bench.Parts;

/// <summary>
/// What it takes an agent to work out policies, with the agent's own code in this process: all of a large cluster, those
/// of a full node on real maps, and what comes later.
/// </summary>
internal static class PolicyCompile
{
    private const int Pods = 250;
    private const int NewIdentities = 100;
    private const int RuleSets = 10;
    private const int EntriesOfSet = 1_000;

    public static void Measure(ResultList results, CancellationToken cancel)
    {
        var policies = PolicyCluster.Policies();
        var identities = PolicyCluster.Identities();
        AllSets(results, policies, identities);
        cancel.ThrowIfCancellationRequested();
        FullNode(results, policies, identities);
        cancel.ThrowIfCancellationRequested();
        SharedSets(results);
    }

    /// <summary>As if each identity had a pod on one node, which no node has room for.</summary>
    private static void AllSets(
        ResultList results,
        IReadOnlyList<NetworkPolicy> policies,
        IReadOnlyList<WeftIdentitySpec> identities
    )
    {
        var engine = new PolicyEngine();
        List<SetContent> contents = [];
        var (time, cpu, megabytes) = Take(() =>
        {
            foreach (var identity in identities)
            {
                engine.Set(PolicyIdentity.Of(identity));
            }

            foreach (var policy in policies)
            {
                engine.Set(PolicyReader.Read(policy));
            }

            contents.AddRange(
                engine
                    .Identities.Select(engine.SetOf)
                    .DistinctBy(set => set.Key)
                    .Select(set => SetContent.Of(set, engine.Identities, _ => []))
            );
        });
        results.Add(Names.Compile, time.TotalSeconds, "s");
        results.Add("compile's CPU", cpu.TotalSeconds, "s");
        results.Add(Names.CompileMemory, megabytes, "MB");
        results.Add("distinct sets", contents.Count, "");
        results.Add("their entries", contents.Sum(content => content.Entries.Count), "");
    }

    private static void FullNode(
        ResultList results,
        IReadOnlyList<NetworkPolicy> policies,
        IReadOnlyList<WeftIdentitySpec> identities
    )
    {
        using var node = new NodeOfPolicies(policies);
        // Pods of all namespaces and apps: few of them share a set.
        const int Step = 41;
        var own = Enumerable.Range(0, Pods).Select(i => identities[i * Step % identities.Count]).ToList();
        var (time, cpu, megabytes) = Take(() =>
        {
            foreach (var identity in identities)
            {
                node.Identify(identity);
            }

            own.ForEach(node.AddPod);
            node.Enforce();
        });
        results.Add("policies of a node with 250 pods into force", time.TotalSeconds, "s");
        results.Add("CPU for that", cpu.TotalSeconds, "s");
        results.Add("memory for that", megabytes, "MB");
        results.Add("its sets", node.Sets, "");
        results.Add("its map entries", node.Entries, "");

        List<double> news = [];
        for (var i = 0; i < NewIdentities; i++)
        {
            var identity = PolicyCluster.NewIdentity(i);
            news.Add(Milliseconds(() => node.Identify(identity)));
        }

        double[] sorted = [.. news.Order()];
        results.Add("new identity in all sets, median", sorted.Quantile(0.5), "ms");
        results.Add(Names.NewIdentity, sorted.Quantile(0.99), "ms");

        var (sets, entries) = (node.Sets, node.Entries);
        List<double> pods = [.. own.Select(identity => Milliseconds(() => node.AddPod(identity)))];
        node.Enforce();
        results.Add("new pod of a known identity, its policies, median", pods.Order().ToArray().Quantile(0.5), "ms");
        results.Add(Names.KnownPodWork, node.Sets - sets + node.Entries - entries, "");
    }

    /// <summary>Memory of the maps, by how many pods share the same rules.</summary>
    private static void SharedSets(ResultList results)
    {
        var (few, many) = (Megabytes(RuleSets), Megabytes(Pods));
        results.Add($"policy maps of {RuleSets} rule sets and as many pods", few, "MB");
        results.Add($"policy maps of {RuleSets} rule sets and {Pods} pods", many, "MB");
        results.Add(Names.SharedMaps, many / few, "");

        static double Megabytes(int pods)
        {
            var before = NodeOfPolicies.MapMegabytes;
            using var node = new NodeOfPolicies([.. Enumerable.Range(0, RuleSets).Select(RuleSet)]);
            var identities = Enumerable
                .Range(0, RuleSets)
                .Select(i => new WeftIdentitySpec { Id = WeftIdentitySpec.FirstId + (uint)i, Namespace = $"ns{i}" })
                .ToList();
            identities.ForEach(node.Identify);
            for (var i = 0; i < pods; i++)
            {
                node.AddPod(identities[i % RuleSets]);
            }

            node.Enforce();
            return NodeOfPolicies.MapMegabytes - before;
        }
    }

    /// <summary>Half of the entries for ports, half for prefixes.</summary>
    private static NetworkPolicy RuleSet(int number)
    {
        const int Half = EntriesOfSet / 2;
        // Even numbers: none makes a prefix with its neighbour.
        var ports = Enumerable.Range(1, Half).Select(i => $$$"""{"port": {{{i * 2}}}}""");
        var blocks = Enumerable
            .Range(0, Half)
            .Select(i => $$$"""{"ipBlock": {"cidr": "10.{{{i >> 8}}}.{{{i & 255}}}.0/24"}}""");
        return PolicyCluster.Policy(
            $"ns{number}",
            "rules",
            $$$"""
            "podSelector": {}, "ingress": [
              {"from": [{"podSelector": {}}], "ports": [{{{string.Join(',', ports)}}}]},
              {"from": [{{{string.Join(',', blocks)}}}], "ports": [{"port": 443}]}]
            """
        );
    }

    private static double Milliseconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>How long it takes, and by how much the process is larger than before at most.</summary>
    private static (TimeSpan Time, TimeSpan Cpu, double Megabytes) Take(Action action)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        DaemonProcess.Self.ResetPeak();
        var (resident, cpu) = (DaemonProcess.Self.ResidentMegabytes, DaemonProcess.Self.Cpu);
        var start = Stopwatch.GetTimestamp();
        action();
        return (
            Stopwatch.GetElapsedTime(start),
            DaemonProcess.Self.Cpu - cpu,
            DaemonProcess.Self.PeakMegabytes - resident
        );
    }
}
