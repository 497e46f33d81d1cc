using System.Text;
using System.Text.Json.Nodes;
using Weft.Cli.Policies;

namespace Weft.Tests.Unit.Structure;

/// <summary>docs/resources.md is made of the definitions of Weft's kinds, which the operator writes.</summary>
public sealed class ResourceReferenceTests
{
    private const string Page = "docs/resources.md";

    private const string Head = """
        # Custom resources

        Every field of Weft's kinds, out of their definitions in [charts/weft/crds](../charts/weft/crds); what they are for is in
        [operator](operator.md) and [Services](services.md). Tests keep this page: `WEFT_WRITE_GOLDEN=1` writes it anew.

        """;

    private static readonly string[] OfEveryObject = ["apiVersion", "kind", "metadata"];

    [Fact]
    public void The_page_has_every_field_of_every_kind()
    {
        var page = Head + string.Concat(Definitions().Select(Section));
        if (Environment.GetEnvironmentVariable("WEFT_WRITE_GOLDEN") == "1")
        {
            File.WriteAllText(Path.Combine(Repository.Root, Page), page);
        }

        Assert.Equal(page, Repository.Read(Page));
    }

    private static IEnumerable<JsonObject> Definitions() =>
        Repository
            .Files("*.yaml")
            .Where(path => path.StartsWith("charts/weft/crds/", StringComparison.Ordinal))
            .Select(path =>
            {
                using var text = new StringReader(Repository.Read(path));
                return JsonObject.Create(YamlJson.Read(text).Single()!.Value)!;
            });

    private static string Section(JsonObject definition)
    {
        var names = definition["spec"]!["names"]!;
        var version = definition["spec"]!["versions"]!.AsArray().Single()!;
        var schema = version["schema"]!["openAPIV3Schema"]!;
        var section = new StringBuilder();
        section.Append($"\n## {names["kind"]}\n\n{schema["description"]}\n");
        section.Append($"`{definition["spec"]!["group"]}/{version["name"]}`, ");
        section.Append($"{definition["spec"]!["scope"]!.GetValue<string>().ToLowerInvariant()}-scoped, ");
        section.Append($"`kubectl get {names["shortNames"]![0]}`.\n\n");
        section.Append("| field | type | what it is |\n|---|---|---|\n");
        Rows(section, schema, "");
        return section.ToString();
    }

    private static void Rows(StringBuilder section, JsonNode schema, string path)
    {
        foreach (var (name, field) in schema["properties"]?.AsObject() ?? [])
        {
            if (path.Length == 0 && OfEveryObject.Contains(name))
            {
                continue;
            }

            var inner = field!;
            var type = Text(inner["type"]) ?? "any";
            var full = path + name;
            if (type == "array")
            {
                inner = field!["items"]!;
                type = $"list of {Text(inner["type"])}";
                full += "[]";
            }

            section.Append($"| `{full}` | {type} | {What(schema, name, field!)} |\n");
            Rows(section, inner, $"{full}.");
            if (inner["additionalProperties"] is JsonObject values)
            {
                Rows(section, values, $"{full}.KEY.");
            }
        }
    }

    /// <summary>Its description, and what the API server holds it to.</summary>
    private static string What(JsonNode parent, string name, JsonNode field)
    {
        string[] bounds =
        [
            .. parent["required"]?.AsArray().Any(one => Text(one) == name) == true ? (string[])["Required."] : [],
            .. field["enum"] is JsonArray values
                ? (string[])[$"One of {string.Join(", ", values.Select(one => $"`{one}`"))}."]
                : [],
            .. field["default"] is { } otherwise ? (string[])[$"Default: `{otherwise}`."] : [],
            .. (field["x-kubernetes-validations"]?.AsArray() ?? []).Select(rule => $"Rule: {Text(rule!["message"])}."),
        ];
        return string.Join(' ', [Text(field["description"]) ?? "", .. bounds])
            .Trim()
            .Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string? Text(JsonNode? node) => node?.GetValue<string>();
}
