using Weft.Lab;

namespace Weft.Cli;

/// <summary>A lab's status for people.</summary>
internal static class StatusTable
{
    public static string Render(LabStatus status) =>
        string.Join(
            "\n\n",
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
            ),
            status.Pods.Count == 0
                ? "No pods. Start one: weft lab run NAMESPACE/NAME --node N"
                : Table.Render(
                    ["POD", "NODE", "ADDRESSES", "COMMAND"],
                    [
                        .. status.Pods.Select(p =>
                            (string[])[p.Name, p.Node, string.Join(' ', p.Addresses), string.Join(' ', p.Command)]
                        ),
                    ]
                )
        );
}
