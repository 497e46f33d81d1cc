using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Weft.Tests.Unit.ApiServer.Contract;

/// <summary>Where two answers differ, but for what differs from run to run.</summary>
internal static partial class Difference
{
    /// <summary>One line for each place: path, recorded, own.</summary>
    public static IReadOnlyList<string> Of(JsonNode? recorded, JsonNode? own)
    {
        var found = new List<string>();
        Compare("", recorded, own, found);
        return found;
    }

    private static void Compare(string path, JsonNode? recorded, JsonNode? own, List<string> found)
    {
        switch (recorded, own)
        {
            case (JsonObject left, JsonObject right):
                foreach (var name in left.Select(f => f.Key).Union(right.Select(f => f.Key)))
                {
                    if (left.ContainsKey(name) != right.ContainsKey(name))
                    {
                        found.Add(
                            $"{path}.{name}: {Text(left[name])} -> {(right.ContainsKey(name) ? Text(right[name]) : "missing")}"
                        );
                    }
                    else
                    {
                        Compare($"{path}.{name}", left[name], right[name], found);
                    }
                }

                break;
            case (JsonArray left, JsonArray right):
                if (path.EndsWith(".managedFields", StringComparison.Ordinal))
                {
                    // Their order is that of times that differ from run to run.
                    (left, right) = (InOrder(left), InOrder(right));
                }

                if (left.Count != right.Count)
                {
                    found.Add($"{path}: {left.Count} items -> {right.Count} items {Text(own)}");
                    break;
                }

                for (var index = 0; index < left.Count; index++)
                {
                    Compare($"{path}[{index}]", left[index], right[index], found);
                }

                break;
            default:
                if (Normal(recorded) != Normal(own))
                {
                    found.Add($"{path}: {Text(recorded)} -> {Text(own)}");
                }

                break;
        }
    }

    private static JsonArray InOrder(JsonArray managedFields) =>
        [
            .. managedFields
                .OrderBy(
                    entry => $"{entry!["manager"]} {entry["operation"]} {entry["subresource"]}",
                    StringComparer.Ordinal
                )
                .Select(entry => entry!.DeepClone()),
        ];

    private static string Text(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "null";
        return text.Length > 300 ? text[..300] + "…" : text;
    }

    private static string Normal(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "null";
        text = Time().Replace(text, "TIME");
        text = Uid().Replace(text, "UID");
        text = Age().Replace(text, "\"AGE\"");
        text = Version().Replace(text, "\"VERSION\"");
        text = ClusterIp().Replace(text, "CLUSTERIP");
        text = NodePort().Replace(text, "NODEPORT");
        return Generated().Replace(text, "$1-GENERATED");
    }

    [GeneratedRegex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z")]
    private static partial Regex Time();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex("^\"(\\d+[smhd])+\"$")]
    private static partial Regex Age();

    [GeneratedRegex("^\"\\d+\"$|^\"ey[A-Za-z0-9]{20,}\"$")]
    private static partial Regex Version();

    [GeneratedRegex("10\\.96\\.\\d+\\.\\d+")]
    private static partial Regex ClusterIp();

    [GeneratedRegex("\\b3[0-2]\\d{3}\\b")]
    private static partial Regex NodePort();

    [GeneratedRegex("\\b(g|e)[-.][a-z0-9]{5}\\b")]
    private static partial Regex Generated();
}
