using Weft.Contracts;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Cli.Status;

/// <summary>Makes a status of what was read.</summary>
internal static class StatusOf
{
    public static StatusResult Make(string server, ClusterReading read)
    {
        var lease = read.Operator?.Spec;
        var names = read
            .Nodes.Select(node => node.Metadata.Name!)
            .Union(read.WeftNodes.Select(node => node.Metadata.Name!))
            .Order(StringComparer.Ordinal);
        var nodes = names.Select(name => Report(name, read)).ToList();
        return new StatusResult(
            server,
            new OperatorStatus(
                string.IsNullOrEmpty(lease?.HolderIdentity) ? null : lease.HolderIdentity,
                lease?.RenewTime
            ),
            [.. nodes.Select(node => node.RoutingMode).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
            nodes,
            Warnings.Of(read)
        );
    }

    public static bool IsTrue(IEnumerable<Condition>? conditions, string type) =>
        conditions?.Any(condition => condition.Type == type && condition.Status == "True") == true;

    private static WeftNodeReport Report(string name, ClusterReading read)
    {
        var node = read.Nodes.FirstOrDefault(found => found.Metadata.Name == name);
        var weft = read.WeftNodes.FirstOrDefault(found => found.Metadata.Name == name);
        var state = read.Agents.FirstOrDefault(agent => agent.Node == name)?.Response?.State;
        return new WeftNodeReport(
            name,
            node?.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true,
            IsTrue(weft?.Status?.Conditions, WeftNodeStatus.Ready),
            weft?.Status?.AgentVersion,
            weft?.Spec?.RoutingMode,
            weft?.Spec?.Addresses ?? [],
            weft?.Spec?.PodCidrs ?? [],
            state?.Kernel ?? node?.Status?.NodeInfo?.KernelVersion,
            state?.Endpoints.Count,
            state?.Features ?? [],
            state?.Maps ?? []
        );
    }
}
