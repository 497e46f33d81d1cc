using Weft.Lab;

namespace Weft.Cli;

/// <summary>A lab's status for people.</summary>
internal static class StatusTable
{
    public static string Render(LabStatus status) =>
        string.Join(
            "\n\n",
            Columns(
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
                : Columns(
                    ["POD", "NODE", "ADDRESSES", "COMMAND"],
                    [
                        .. status.Pods.Select(p =>
                            (string[])[p.Name, p.Node, string.Join(' ', p.Addresses), string.Join(' ', p.Command)]
                        ),
                    ]
                )
        );

    private static string Columns(string[] header, IReadOnlyList<string[]> rows)
    {
        string[][] all = [header, .. rows];
        var widths = header.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        return string.Join(
            '\n',
            all.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd())
        );
    }
}
