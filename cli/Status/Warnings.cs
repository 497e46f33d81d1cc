using System.Globalization;
using Weft.Contracts;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Cli.Status;

/// <summary>Finds what is not as it should be.</summary>
internal static class Warnings
{
    /// <summary>From here on a map is told to be nearly full.</summary>
    private const double NearlyFull = 0.9;

    /// <summary>A leader that is silent for this many of its Lease's durations is gone, or its clock is wrong.</summary>
    private const int SilentDurations = 2;

    /// <summary>Pods get the identities that a policy's newest version needs within moments; this is long.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(1);

    /// <summary>These make room for what is new by forgetting what is oldest.</summary>
    private static readonly string[] renewing = ["flows", "nat", "denials", "affinity", "sockets", "translations"];

    public static IReadOnlyList<Warning> Of(ClusterReading read) =>
        [
            .. Operator(read),
            .. read
                .Nodes.OrderBy(node => node.Metadata.Name, StringComparer.Ordinal)
                .SelectMany(node => OfNode(node, read)),
            .. Departed(read),
            .. Different(read),
            .. read.IPPools.SelectMany(pool =>
                OfPool(
                    "WeftIPPool",
                    pool.Metadata.Name!,
                    pool.Status?.Conditions,
                    [WeftIPPoolStatus.Ready],
                    [WeftIPPoolStatus.Overlap, WeftIPPoolStatus.Exhausted]
                )
            ),
            .. read.LoadBalancerPools.SelectMany(pool =>
                OfPool(
                    "WeftLoadBalancerPool",
                    pool.Metadata.Name!,
                    pool.Status?.Conditions,
                    [WeftLoadBalancerPoolStatus.Ready],
                    []
                )
            ),
            .. read.Agents.SelectMany(agent =>
                agent.Response?.State is { } state
                    ? OfAgent(agent.Node, state, read.At)
                    : [new Warning($"agent of {agent.Node}", $"does not answer: {agent.Problem}")]
            ),
        ];

    private static IEnumerable<Warning> Operator(ClusterReading read)
    {
        var lease = read.Operator?.Spec;
        if (string.IsNullOrEmpty(lease?.HolderIdentity))
        {
            yield return new Warning(
                "operator",
                "nobody leads: new nodes get no prefixes and new pods no identities. Is the Deployment weft-operator running?"
            );
        }
        else if (
            lease.RenewTime is { } renewed
            && read.At - renewed > TimeSpan.FromSeconds(SilentDurations * (lease.LeaseDurationSeconds ?? 15))
        )
        {
            yield return new Warning(
                "operator",
                Text(
                    $"{lease.HolderIdentity} has been silent since {renewed:HH:mm:ss} UTC: it is gone and no other took over, or a clock is wrong. See the logs of weft-operator"
                )
            );
        }
    }

    private static IEnumerable<Warning> OfNode(Node node, ClusterReading read)
    {
        var about = $"node {node.Metadata.Name}";
        var weft = read.WeftNodes.FirstOrDefault(found => found.Metadata.Name == node.Metadata.Name);
        if (weft is null)
        {
            yield return new Warning(
                about,
                "has no WeftNode: no agent has registered it. Is a pod of the DaemonSet weft-agent there, and what does its log say?"
            );
            yield break;
        }

        foreach (var type in (string[])[WeftNodeStatus.Ready, WeftNodeStatus.PodCidrsAllocated])
        {
            var condition = weft.Status?.Conditions?.FirstOrDefault(found => found.Type == type);
            if (condition is { Status: not "True" })
            {
                yield return new Warning(
                    about,
                    $"{type} is {condition.Status}: {condition.Message} ({condition.Reason})"
                );
            }
        }

        if (weft.Status?.Conditions?.Any(condition => condition.Type == WeftNodeStatus.Ready) != true)
        {
            yield return new Warning(about, "its agent has not said yet whether it serves");
        }

        if (!read.Agents.Any(agent => agent.Node == node.Metadata.Name))
        {
            yield return new Warning(
                about,
                "its agent cannot be asked: no pod of weft-agent runs there, and its socket is not here; run weft on that node"
            );
        }
    }

    private static IEnumerable<Warning> Departed(ClusterReading read) =>
        read
            .WeftNodes.ExceptBy(read.Nodes.Select(node => node.Metadata.Name), node => node.Metadata.Name)
            .Select(node => new Warning(
                $"WeftNode {node.Metadata.Name}",
                "has no Node: the operator removes it in a while"
            ));

    private static IEnumerable<Warning> Different(ClusterReading read)
    {
        var modes = read.WeftNodes.Select(node => node.Spec?.RoutingMode).OfType<string>().Distinct().ToList();
        if (modes.Count > 1)
        {
            yield return new Warning(
                "cluster",
                $"nodes differ in their routing mode ({string.Join(", ", modes)}) and do not reach each other's pods: set one \"routingMode\" for all"
            );
        }
    }

    private static IEnumerable<Warning> OfPool(
        string kind,
        string name,
        IReadOnlyList<Condition>? conditions,
        string[] wanted,
        string[] unwanted
    ) =>
        (conditions ?? [])
            .Where(condition =>
                (wanted.Contains(condition.Type) && condition.Status != "True")
                || (unwanted.Contains(condition.Type) && condition.Status == "True")
            )
            .Select(condition => new Warning(
                $"{kind} {name}",
                $"{condition.Type} is {condition.Status}: {condition.Message} ({condition.Reason})"
            ));

    private static IEnumerable<Warning> OfAgent(string node, AgentState state, DateTimeOffset now)
    {
        var about = $"agent of {node}";
        if (state.Cluster is { ApiServer: "away" } cluster)
        {
            yield return new Warning(
                about,
                Text($"does not reach the API server since {cluster.Since:HH:mm:ss} UTC: it goes on by what it knows")
            );
        }

        foreach (var map in state.Maps.Where(map => !renewing.Contains(map.Name) && Fill(map) >= NearlyFull))
        {
            yield return new Warning(
                about,
                Text(
                    $"map {map.Name} has {map.Entries} of {map.Capacity} entries; docs/limits.md says what happens when it is full"
                )
            );
        }

        foreach (var policy in state.Policy?.NotInForce ?? [])
        {
            yield return new Warning(
                $"NetworkPolicy {policy.Policy}",
                $"does not hold in full on {node}: {policy.Reason}"
            );
        }

        foreach (var waiting in (state.Policy?.Waiting ?? []).Where(waiting => now - waiting.Since > LongWait))
        {
            yield return new Warning(
                $"NetworkPolicy {waiting.Policy}",
                Text(
                    $"its newest version waits on {node} since {waiting.Since:HH:mm:ss} UTC for identities, which weft-operator gives"
                )
            );
        }

        if (state.Policy is { InForce: false })
        {
            yield return new Warning(
                about,
                "has not put the policies into force yet since its start; those of before hold"
            );
        }
    }

    public static double Fill(MapState map) => map.Capacity == 0 ? 0 : (double)map.Entries / map.Capacity;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
