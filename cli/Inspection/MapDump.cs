using System.Text.RegularExpressions;
using Weft.Contracts;

namespace Weft.Cli.Inspection;

/// <summary>Entries of maps for people and for programs.</summary>
internal static partial class MapDump
{
    public static NodeMapDump Report(string node, string map, MapAnswer answer, ClusterNames names) =>
        new(node, map, answer.Total, [.. answer.Rows.Select(row => Fields(answer.Columns, row, names))]);

    public static string Text(IReadOnlyList<(string Node, MapAnswer Map)> read, ClusterNames names) =>
        string.Join(
            '\n',
            [
                Table.Render(
                    ["NODE", .. read[0].Map.Columns.Select(column => Heading(column.Name))],
                    [
                        .. read.SelectMany(of =>
                            of.Map.Rows.Select(row =>
                                (string[])
                                    [of.Node, .. of.Map.Columns.Zip(row, (column, cell) => Named(column, cell, names))]
                            )
                        ),
                    ]
                ),
                .. read.Where(of => of.Map.Total > of.Map.Rows.Count)
                    .Select(of =>
                        $"{of.Node}: {of.Map.Rows.Count} of {of.Map.Total} entries, whichever came first; --limit takes up to {MapQuestion.Limit}"
                    ),
            ]
        );

    private static string Named(MapColumn column, string cell, ClusterNames names) =>
        names.NameOf(column.Cell, cell) is { } name ? $"{cell} ({name})" : cell;

    private static Dictionary<string, string> Fields(
        IReadOnlyList<MapColumn> columns,
        IReadOnlyList<string> row,
        ClusterNames names
    )
    {
        var fields = new Dictionary<string, string>();
        foreach (var (column, cell) in columns.Zip(row))
        {
            fields[column.Name] = cell;
            if (names.NameOf(column.Cell, cell) is { } name)
            {
                fields[$"{column.Name}Name"] = name;
            }
        }

        return fields;
    }

    /// <summary>POLICY SET of policySet.</summary>
    private static string Heading(string name) => Hump().Replace(name, " $1").ToUpperInvariant();

    [GeneratedRegex("([A-Z])")]
    private static partial Regex Hump();
}
