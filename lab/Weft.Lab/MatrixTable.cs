using System.Globalization;
using System.Text;

namespace Weft.Lab;

/// <summary>A matrix for people: sources down, destinations across, median microseconds of IPv4 / IPv6 in each cell.</summary>
public static class MatrixTable
{
    private const string Red = "\e[31m";
    private const string Green = "\e[32m";
    private const string Plain = "\e[0m";

    public static string Render(IReadOnlyList<MatrixCell> cells, bool colours)
    {
        var sources = cells.Select(c => c.Source).Distinct().ToList();
        var destinations = cells
            .Select(c => c.Destination)
            .Distinct()
            .OrderBy(d => d.Kind)
            .ThenBy(d => d.Node)
            .ThenBy(d => d.Name, StringComparer.Ordinal)
            .ToList();
        var rows = sources.ConvertAll(s =>
            destinations.ConvertAll(d => cells.Where(c => c.Source == s && c.Destination == d).ToList())
        );
        var first = sources.Max(s => Title(s).Length);
        var widths = destinations
            .Select((d, i) => Math.Max(Title(d).Length, rows.Max(r => Text(r[i]).Length)))
            .ToList();

        var table = new StringBuilder().Append(' ', first);
        foreach (var (destination, width) in destinations.Zip(widths))
        {
            table.Append("  ").Append(Title(destination).PadLeft(width));
        }

        table.Append('\n');
        foreach (var (source, row) in sources.Zip(rows))
        {
            table.Append(Title(source).PadRight(first));
            foreach (var (cell, width) in row.Zip(widths))
            {
                var text = Text(cell).PadLeft(width);
                var colour = cell.Exists(c => c.Problem is not null) ? Red : Green;
                table.Append("  ").Append(colours && cell.Count > 0 ? colour + text + Plain : text);
            }

            table.Append('\n');
        }

        return table.Append('\n').Append(Summary(cells)).ToString();
    }

    private static string Title(Place place) =>
        place.Kind == PlaceKind.Pod ? $"{place.Name}@{place.Node.ToString(CultureInfo.InvariantCulture)}" : place.Name;

    private static string Text(List<MatrixCell> families) =>
        families.Count == 0 ? "·" : string.Join(" / ", families.Select(Text));

    private static string Text(MatrixCell cell) =>
        cell is { Problem: null, Micros: { } micros } ? micros.ToString("0", CultureInfo.InvariantCulture) : "✗";

    private static string Summary(IReadOnlyList<MatrixCell> cells)
    {
        var failures = cells.Where(c => c.Problem is not null).ToList();
        var summary = new StringBuilder();
        foreach (var failure in failures)
        {
            summary.Append(
                CultureInfo.InvariantCulture,
                $"✗ {Title(failure.Source)} → {Title(failure.Destination)} ({failure.Address}): {failure.Problem}\n"
            );
        }

        return summary
            .Append(
                CultureInfo.InvariantCulture,
                $"{cells.Count - failures.Count} of {cells.Count} paths work over TCP, UDP and ICMP. "
            )
            .Append("Cells: median TCP round trip on one core in µs, IPv4 / IPv6; name@node.\n")
            .ToString();
    }
}
