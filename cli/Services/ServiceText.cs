using Weft.Contracts;

namespace Weft.Cli.Services;

/// <summary>Services in words.</summary>
internal static class ServiceText
{
    /// <summary>A row for each address at each node.</summary>
    public static string List(IReadOnlyList<NodeServices> nodes)
    {
        var rows = (
            from node in nodes
            from frontend in node.Services.Frontends
            select (string[])
                [
                    node.Node,
                    Named(frontend),
                    frontend.Kind,
                    frontend.Address,
                    Short(frontend.Inside),
                    Short(frontend.Outside),
                    frontend.Difference is null ? "" : "differs",
                ]
        ).ToList();
        return rows.Count == 0
            ? "No Services are served."
            : Table.Render(["NODE", "SERVICE", "KIND", "ADDRESS", "INSIDE", "OUTSIDE", "MAPS"], rows);
    }

    /// <summary>A Service at one node.</summary>
    public static IEnumerable<string> Show(NodeServices node)
    {
        yield return $"{node.Node}{(node.Services.InForce ? "" : " (not in force yet: Services are those of before the agent's start)")}";
        foreach (var problem in node.Services.Problems)
        {
            yield return $"  {problem.Reason}: {problem.Message}";
        }

        foreach (var frontend in node.Services.Frontends)
        {
            yield return $"  {frontend.Address}  {frontend.Kind}{(frontend.Port.Length == 0 ? "" : $" of port {frontend.Port}")}{Affinity(frontend)}{Ranges(frontend)}";
            if (frontend.Difference is { } difference)
            {
                yield return $"    differs: {difference}";
            }

            foreach (
                var line in Side("this node and its pods", frontend.Inside)
                    .Concat(Side("everybody else", frontend.Outside))
            )
            {
                yield return line;
            }
        }
    }

    /// <summary>What becomes of a connection at one node.</summary>
    public static IEnumerable<string> Trace(NodeTrace trace)
    {
        var answer = trace.Answer;
        yield return $"{trace.Question.Source ?? trace.Node} ({Client(answer.Source)} {trace.Node}) -> {trace.Question.Destination} port {trace.Question.Port}: {Fate(answer)}";
        yield return $"  {answer.Reason}";
        foreach (var backend in answer.Backends)
        {
            yield return $"  {Words(backend)}";
        }

        if (answer.Difference is { } difference)
        {
            yield return $"  differs: {difference}";
        }
    }

    private static string Client(string source) =>
        source switch
        {
            "Pod" => "pod of",
            "Node" => "process of",
            _ => "from outside, through",
        };

    private static string Fate(TraceAnswer answer) =>
        answer.Action switch
        {
            null => "goes its way as it is",
            "Forward" => $"goes to one of {answer.Backends.Count}",
            "Reject" => "is refused",
            _ => "gets no answer",
        };

    private static IEnumerable<string> Side(string who, FrontendSide side)
    {
        yield return $"    {who}: {Short(side)}{(side.Count > 0 ? $", policy {side.Policy}" : "")}";
        foreach (var backend in side.Backends ?? [])
        {
            yield return $"      {Words(backend)}";
        }
    }

    private static string Words(BackendState backend) =>
        string.Join(
            ' ',
            (
                (string?[])
                    [
                        backend.Address,
                        backend.Pod,
                        backend.Node is { } node ? $"on {node}" : null,
                        backend.Local ? "(here)" : null,
                        backend.Terminating ? "(terminating)" : null,
                    ]
            ).OfType<string>()
        );

    private static string Short(FrontendSide side) =>
        side.Action switch
        {
            "Forward" => side.Count == 1 ? "1 backend" : $"{side.Count} backends",
            "Reject" => "refused",
            _ => "no answer",
        };

    private static string Named(FrontendState frontend) =>
        frontend.Port.Length == 0 ? frontend.Service : $"{frontend.Service}:{frontend.Port}";

    private static string Affinity(FrontendState frontend) =>
        frontend.AffinitySeconds == 0 ? "" : $", affinity {frontend.AffinitySeconds} s";

    private static string Ranges(FrontendState frontend) =>
        frontend.SourceRanges is { } ranges ? $", only from {string.Join(", ", ranges)}" : "";
}
