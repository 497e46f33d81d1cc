using System.Globalization;
using Weft.Contracts;
using Weft.Lab;

namespace Weft.Cli;

/// <summary>A lab's status for people.</summary>
internal static class StatusTable
{
    public static string Render(LabStatus status) =>
        string.Join(
            "\n\n",
            ((string?[])[Nodes(status), Cluster(status), Stopped(status), Pods(status)]).OfType<string>()
        );

    private static string Nodes(LabStatus status) =>
        Table.Render(
            ["NODE", "ADDRESSES", "POD CIDRS", "AGENT"],
            [
                .. status.Nodes.Select(n =>
                    (string[])
                        [
                            n.Name,
                            string.Join(' ', n.Addresses),
                            string.Join(' ', n.PodCidrs),
                            n.Problem ?? (n.State is null ? "serves" : $"serves, {n.State.RoutingMode}"),
                        ]
                ),
            ]
        );

    /// <summary>What the agents have of Kubernetes; null in a lab without.</summary>
    private static string? Cluster(LabStatus status)
    {
        List<(string Node, ClusterState Cluster)> agents =
        [
            .. status.Nodes.Where(n => n.State?.Cluster is not null).Select(n => (n.Name, n.State!.Cluster!)),
        ];
        return agents.Count == 0
            ? null
            : Table.Render(
                ["NODE", "API SERVER", "REMOTE PODS", "IDENTITIES", "OWN SLICES", "TO DO"],
                [
                    .. agents.Select(agent =>
                        (string[])
                            [
                                agent.Node,
                                Contact(agent.Cluster),
                                Text(
                                    $"{agent.Cluster.RemoteAddresses} addresses in {agent.Cluster.RemoteSlices} slices"
                                ),
                                Text($"{agent.Cluster.Identities}"),
                                Text($"{agent.Cluster.OwnSlices}"),
                                ToDo(agent.Cluster),
                            ]
                    ),
                ]
            );
    }

    private static string Contact(ClusterState cluster) =>
        cluster.Since is { } since ? Text($"{cluster.ApiServer} since {since:HH:mm:ss}") : cluster.ApiServer;

    /// <summary>What is not yet as it should be; for long, it is what to look into.</summary>
    private static string ToDo(ClusterState cluster)
    {
        List<string> left =
        [
            .. Counted(cluster.UnwrittenSlices, "slices to write"),
            .. Counted(cluster.UnwrittenPeers, "entries of the peers map to write"),
            .. Counted(cluster.AwaitedIdentities, "identities awaited"),
        ];
        return left.Count == 0 ? "nothing" : string.Join(", ", left);

        static IEnumerable<string> Counted(int count, string what) => count == 0 ? [] : [Text($"{count} {what}")];
    }

    private static string? Stopped(LabStatus status) =>
        status.Stopped.Count == 0 ? null : $"Not running: {string.Join(", ", status.Stopped)}";

    private static string Pods(LabStatus status) =>
        status.Pods.Count == 0
            ? "No pods. Start one: weft lab run NAMESPACE/NAME --node N"
            : Table.Render(
                ["POD", "NODE", "ADDRESSES", "COMMAND"],
                [
                    .. status.Pods.Select(p =>
                        (string[])[p.Name, p.Node, string.Join(' ', p.Addresses), string.Join(' ', p.Command)]
                    ),
                ]
            );

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
