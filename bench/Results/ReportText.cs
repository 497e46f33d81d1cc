using System.Globalization;
using System.Text;

namespace Weft.Bench.Results;

/// <summary>A report for people.</summary>
internal static class ReportText
{
    public static string Render(Report report, Report? earlier)
    {
        var text = new StringBuilder();
        var m = report.Machine;
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"\nLinux {m.Kernel}, {m.Processor}, {m.Cores} cores, {m.PinnedTo}; load before the run {m.LoadBefore:0.0}"
        );
        Section(
            text,
            ["", "unit", "baseline", "p99", "Weft", "p99", "ratio", "quartiles", earlier is null ? "" : "before", ""],
            report.Comparisons.Select(c => Row(c, earlier?.Comparisons.FirstOrDefault(e => e.Name == c.Name)))
        );
        Section(
            text,
            ["", "", "unit", earlier is null ? "" : "before"],
            report.Quantities.Select(q =>
                new[]
                {
                    q.Name,
                    Number(q.Amount),
                    q.Unit,
                    earlier?.Quantities.FirstOrDefault(e => e.Name == q.Name) is { } before
                        ? Number(before.Amount)
                        : "",
                }
            )
        );
        Section(
            text,
            ["program on a path", "", "runs per transaction", "ns per run"],
            report.Programs.Select(p => new[] { p.Path, p.Program, Number(p.RunsPerTransaction), Number(p.NsPerRun) })
        );
        Section(
            text,
            ["requirement", "need", "measured", "verdict"],
            report.Requirements.Select(r =>
                new[] { r.Name, r.Need, r.Measured is { } measured ? Number(measured) : "-", r.Verdict }
            )
        );
        return text.ToString();
    }

    private static string[] Row(Comparison c, Comparison? before) =>
        [
            $"{c.Name} by {c.Against}",
            c.Unit,
            Number(c.Baseline.Value),
            c.Baseline.Tail is { } tail ? Number(tail) : "",
            Number(c.Weft.Value),
            c.Weft.Tail is { } weftTail ? Number(weftTail) : "",
            Ratio(c.Ratio),
            $"{Ratio(c.RatioLow)}-{Ratio(c.RatioHigh)}",
            before is null ? "" : Ratio(before.Ratio),
            before is null
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $"{(c.Ratio / before.Ratio - 1) * 100:+0.0;-0.0} %"),
        ];

    private static void Section(StringBuilder text, string[] head, IEnumerable<string[]> rows)
    {
        string[][] table = [head, .. rows];
        if (table.Length == 1)
        {
            return;
        }

        int[] widths = [.. head.Select((_, column) => table.Max(row => row[column].Length))];
        text.AppendLine();
        foreach (var row in table)
        {
            var line = new StringBuilder(row[0].PadRight(widths[0]));
            for (var column = 1; column < row.Length; column++)
            {
                line.Append("  ").Append(row[column].PadLeft(widths[column]));
            }

            text.AppendLine(line.ToString().TrimEnd());
        }
    }

    private static string Number(double number) =>
        number.ToString(
            Math.Abs(number) >= 100 ? "0"
                : Math.Abs(number) >= 10 ? "0.0"
                : "0.##",
            CultureInfo.InvariantCulture
        );

    private static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
