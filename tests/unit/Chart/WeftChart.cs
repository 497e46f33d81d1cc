using System.Text.Json.Nodes;
using Weft.Cli.Policies;

namespace Weft.Tests.Unit.Chart;

/// <summary>charts/weft, rendered by <see cref="ChartTemplate"/> for the release "weft" in kube-system.</summary>
internal static class WeftChart
{
    public const string Folder = "charts/weft";

    public static JsonObject Values => Read($"{Folder}/values.yaml");

    public static JsonObject Schema => JsonNode.Parse(Repository.Read($"{Folder}/values.schema.json"))!.AsObject();

    /// <summary>The chart's values with these in their place, map by map, as Helm merges them.</summary>
    public static JsonObject ValuesWith(string changes)
    {
        var values = Values;
        Merge(values, YamlOf(changes));
        return values;
    }

    /// <summary>All manifests, each under the comment that Helm writes.</summary>
    public static string Render(JsonObject values) =>
        string.Concat(
            Templates(values)
                .Where(file => file.Text.Length > 0)
                .Select(file => $"---\n# Source: {file.Name}\n{file.Text}\n")
        );

    /// <summary>All objects of the rendered manifests.</summary>
    public static IReadOnlyList<JsonObject> Objects(JsonObject values)
    {
        using var text = new StringReader(Render(values));
        return
        [
            .. YamlJson
                .Read(text)
                .Where(document => document is not null)
                .Select(document => JsonObject.Create(document!.Value)!),
        ];
    }

    private static IEnumerable<(string Name, string Text)> Templates(JsonObject values)
    {
        var chart = Read($"{Folder}/Chart.yaml");
        var top = new JsonObject
        {
            [nameof(Values)] = values.DeepClone(),
            ["Release"] = new JsonObject { ["Name"] = "weft", ["Namespace"] = "kube-system" },
            ["Files"] = new JsonObject(
                Repository
                    .Files("*")
                    .Where(path => path.StartsWith($"{Folder}/monitoring/", StringComparison.Ordinal))
                    .Select(path => KeyValuePair.Create(path[(Folder.Length + 1)..], (JsonNode?)Repository.Read(path)))
            ),
            ["Chart"] = new JsonObject { ["Name"] = "weft", ["AppVersion"] = chart["appVersion"]!.GetValue<string>() },
        };
        return Repository
            .Files("*.yaml")
            .Where(path => path.StartsWith($"{Folder}/templates/", StringComparison.Ordinal))
            .Select(path => (path["charts/".Length..], ChartTemplate.Render(path, Repository.Read(path), top).Trim()));
    }

    private static void Merge(JsonObject into, JsonObject changes)
    {
        foreach (var (key, value) in changes)
        {
            if (into[key] is JsonObject inner && value is JsonObject change)
            {
                Merge(inner, change);
            }
            else
            {
                into[key] = value?.DeepClone();
            }
        }
    }

    private static JsonObject Read(string path) => YamlOf(Repository.Read(path));

    private static JsonObject YamlOf(string yaml)
    {
        using var text = new StringReader(yaml);
        return JsonObject.Create(YamlJson.Read(text).Single()!.Value)!;
    }
}
