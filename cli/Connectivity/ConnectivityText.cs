using System.Globalization;
using Weft.Connectivity;

namespace Weft.Cli.Connectivity;

/// <summary>What was found, for people: a line for each kind of path, more for each that failed.</summary>
internal static class ConnectivityText
{
    public static string Of(IReadOnlyList<PathResult> results, bool kept, TimeSpan took)
    {
        var tried = results.Where(path => path.Outcome != PathOutcome.Skipped).ToList();
        var failed = tried.Where(path => path.Outcome == PathOutcome.Failed).ToList();
        List<string> blocks =
        [
            Table.Render(["PATH", "TRIED", ""], [.. results.GroupBy(path => path.Name).Select(Row)]),
            .. failed.Select(Failure),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{tried.Count - failed.Count} of {tried.Count} paths are as they should be ({took.TotalSeconds:0.0} s)."
            ),
        ];
        if (failed.Count > 0 && !kept)
        {
            blocks.Add("The pods are gone: to look further, run it again with --keep.");
        }

        return string.Join("\n\n", blocks);
    }

    private static string[] Row(IGrouping<string, PathResult> paths)
    {
        if (paths.All(path => path.Outcome == PathOutcome.Skipped))
        {
            return [paths.Key, "-", $"skipped: {paths.First().Problem}"];
        }

        var failed = paths.Count(path => path.Outcome == PathOutcome.Failed);
        return
        [
            paths.Key,
            string.Join(
                ", ",
                paths
                    .GroupBy(path => path.Family)
                    .Select(family => $"{family.Key} {string.Join('/', family.Select(path => path.Kind).Distinct())}")
            ),
            failed == 0 ? "ok" : string.Create(CultureInfo.InvariantCulture, $"{failed} FAILED"),
        ];
    }

    private static string Failure(PathResult path) =>
        string.Join(
            '\n',
            [
                $"✗ {path.Name}, {path.Family} {path.Kind}: {path.From} to {path.To}: {path.Problem}",
                .. (path.LookAt ?? []).Select(command => $"    look at: {command}"),
            ]
        );
}
