using System.Globalization;
using Weft.Kubernetes.Objects;

namespace Weft.Connectivity;

/// <summary>Reads what clients found out of how their containers ended.</summary>
internal static class Findings
{
    private const int Wrong = 1;

    /// <param name="space">The namespace.</param>
    /// <param name="paths">What was tried; a path's place is its ID.</param>
    /// <param name="clients">The clients' pods by name.</param>
    public static IReadOnlyList<PathResult> Of(
        string space,
        IReadOnlyList<PlannedPath> paths,
        IReadOnlyDictionary<string, Pod> clients
    ) => [.. paths.Select((path, id) => Result(space, path, Problem(id, clients.GetValueOrDefault(path.Client))))];

    /// <summary>Null for a path that is as it should be.</summary>
    internal static string? Problem(int id, Pod? client)
    {
        if (client?.Status?.ContainerStatuses is not [{ State.Terminated: { } end }])
        {
            return $"its client did not end: {Waiting(client)}";
        }

        if (end.ExitCode == 0)
        {
            return null;
        }

        var said = (end.Message ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (end.ExitCode != Wrong || said.Length == 0)
        {
            return $"its client failed: exit code {end.ExitCode}, {end.Message ?? end.Reason}";
        }

        var prefix = string.Create(CultureInfo.InvariantCulture, $"{id} ");
        return said.FirstOrDefault(line => line.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..].Trim();
    }

    /// <summary>Why a pod is not further than it is.</summary>
    public static string Waiting(Pod? pod)
    {
        if (pod is null)
        {
            return "it is gone";
        }

        var waiting = pod
            .Status?.ContainerStatuses?.Select(status => status.State?.Waiting)
            .OfType<ContainerStateWaiting>();
        return waiting?.FirstOrDefault() is { } reason
            ? $"{reason.Reason} {reason.Message}".Trim()
            : $"phase {pod.Status?.Phase ?? "unknown"} {pod.Status?.Message}".Trim();
    }

    private static PathResult Result(string space, PlannedPath path, string? problem) =>
        new(
            path.Scenario,
            path.Name,
            path.Kind,
            path.Family,
            $"{space}/{path.Client}",
            path.To.ToString(),
            problem is null ? PathOutcome.Passed : PathOutcome.Failed,
            problem,
            problem is null ? null : LookAt(space, path)
        );

    /// <summary>What tells more, while the pods are there.</summary>
    private static IReadOnlyList<string> LookAt(string space, PlannedPath path)
    {
        var to = path.Server is { } server ? $"{space}/{server}" : path.To.Address.ToString();
        var port = string.Create(CultureInfo.InvariantCulture, $"{path.To.Port}");
        var protocol = path.Kind == "tcp" ? "" : "/UDP";
        return path.Scenario switch
        {
            Scenario.Services or Scenario.Dns => [$"weft service trace {space}/{path.Client} {path.To}{protocol}"],
            Scenario.Policies => [$"weft explain {space}/{path.Client} {to} {port}{protocol}", "weft denials"],
            _ => ["weft status", $"weft explain {space}/{path.Client} {to} {port}{protocol}"],
        };
    }
}
