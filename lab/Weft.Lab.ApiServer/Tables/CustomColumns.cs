using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Tables;

/// <summary>The columns of a custom resource: additionalPrinterColumns, or its age.</summary>
internal static class CustomColumns
{
    private static readonly JsonArray OnlyAge = new(
        new JsonObject
        {
            ["name"] = "Age",
            ["type"] = "date",
            ["jsonPath"] = ".metadata.creationTimestamp",
        }
    );

    public static IEnumerable<Column> Of(JsonArray? printerColumns)
    {
        yield return BuiltInColumns.Name;
        foreach (var column in (printerColumns is { Count: > 0 } ? printerColumns : OnlyAge).Objects())
        {
            var type = column["type"].Text() ?? "string";
            var text = column["jsonPath"].Text() ?? "";
            var path = JsonPath.Parse(text);
            yield return new Column(
                column["name"].Text() ?? "",
                type,
                (int)(column["priority"].Integer() ?? 0),
                (doc, now) => path?.Find(doc).Take(1).ToArray() is [var value] ? Cell(type, value, now) : null
            )
            {
                Format = column["format"].Text() ?? "",
                Description =
                    column["description"].Text() ?? $"Custom resource definition column (in JSONPath format): {text}",
            };
        }
    }

    private static JsonNode? Cell(string type, JsonNode? value, DateTimeOffset now) =>
        type switch
        {
            _ when value is null => null,
            "string" => value.Text() ?? value.ToJsonString(NodeReading.Plain),
            "integer" => value.Number() is { } number ? (long)number : null,
            "number" => value.Number(),
            "boolean" => value.Flag(),
            "date" when value.Text() is not null => Age.Parse(value) is { } time ? Age.Print(now - time) : "<invalid>",
            _ => null,
        };
}
