using System.Globalization;
using Weft.Contracts;

namespace Weft.Cli.Status;

/// <summary>A status for people, on one screen.</summary>
internal static class StatusText
{
    /// <summary>More nodes than this are only shown when something is wrong with them.</summary>
    private const int MostNodes = 30;

    public static string Of(StatusResult status, DateTimeOffset now) =>
        string.Join("\n\n", Head(status, now), Shown(status.Nodes), Features(status.Nodes), Warnings(status.Warnings));

    private static string Head(StatusResult status, DateTimeOffset now)
    {
        var ready = status.Nodes.Count(node => node.AgentReady);
        // What comes after + is the commit: -o json has it.
        var versions = status
            .Nodes.Select(node => node.AgentVersion?.Split('+')[0])
            .OfType<string>()
            .Distinct()
            .Order();
        return string.Join(
            '\n',
            $"Cluster   {status.Server}",
            $"Routing   {Listed(status.RoutingModes)}",
            Text($"Agents    {ready} of {status.Nodes.Count} ready, version {Listed(versions)}"),
            $"Operator  {Leader(status.Operator, now)}"
        );
    }

    private static string Leader(OperatorStatus leading, DateTimeOffset now) =>
        leading.Leader is null ? "nobody leads"
        : leading.Renewed is { } renewed
            ? Text($"{leading.Leader} leads, heard {Math.Max(0, (now - renewed).TotalSeconds):0} s ago")
        : $"{leading.Leader} leads";

    /// <summary>A table of nodes.</summary>
    public static string Nodes(IReadOnlyList<WeftNodeReport> nodes) =>
        Table.Render(
            ["NODE", "AGENT", "ADDRESSES", "POD CIDRS", "PODS", "KERNEL", "FULLEST MAP"],
            [.. nodes.Select(Row)]
        );

    private static string Shown(IReadOnlyList<WeftNodeReport> nodes)
    {
        var shown = nodes.Count <= MostNodes ? nodes : [.. nodes.Where(node => !node.AgentReady)];
        return shown.Count == nodes.Count
            ? Nodes(nodes)
            : Text($"{Nodes(shown)}\n({nodes.Count - shown.Count} further nodes are ready: `weft node list` has them)");
    }

    private static string[] Row(WeftNodeReport node) =>
        [
            node.Name,
            node.AgentReady ? "ready" : "NOT READY",
            string.Join(' ', node.Addresses),
            string.Join(' ', node.PodCidrs),
            node.Pods?.ToString(CultureInfo.InvariantCulture) ?? "?",
            node.Kernel ?? "?",
            node.Maps.MaxBy(Status.Warnings.Fill) is { } map ? Text($"{map.Name} {Status.Warnings.Fill(map):P0}") : "?",
        ];

    /// <summary>One line for each feature and what nodes say of it.</summary>
    private static string Features(IReadOnlyList<WeftNodeReport> nodes)
    {
        var lines = nodes
            .SelectMany(node => node.Features.Select(feature => (node.Name, Feature: feature)))
            .GroupBy(found => found.Feature)
            .OrderBy(group => group.Key.Name, StringComparer.Ordinal)
            .ThenByDescending(group => group.Key.InUse)
            .Select(group => Row(group.Key, [.. group.Select(found => found.Name)], nodes.Count))
            .ToList();
        return lines.Count == 0
            ? "No agent could be asked which features it uses."
            : Table.Render(["FEATURE", "", "NODES", ""], lines);
    }

    private static string[] Row(FeatureState feature, IReadOnlyList<string> on, int of) =>
        [
            feature.Name,
            feature.InUse ? "in use" : "not used",
            on.Count == of ? "all"
            : on.Count <= 3 ? string.Join(' ', on)
            : Text($"{on.Count} of {of}"),
            feature.Note,
        ];

    private static string Warnings(IReadOnlyList<Warning> warnings) =>
        warnings.Count == 0
            ? "All is well."
            : "Warnings:\n" + string.Join('\n', warnings.Select(warning => $"  {warning.About}: {warning.Text}"));

    private static string Listed(IEnumerable<string> values) =>
        string.Join(", ", values) is { Length: > 0 } text ? text : "unknown";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
