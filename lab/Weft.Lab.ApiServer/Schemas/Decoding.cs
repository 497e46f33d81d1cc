using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Schemas;

/// <summary>Values of a built-in kind that its type cannot hold.</summary>
public static class Decoding
{
    /// <summary>The first one, in the words of the real server's decoder; null when all is well.</summary>
    public static string? TypeError(JsonObject doc, KindSchema schema) => Visit(doc, schema, schema, "");

    private static string? Visit(JsonNode? value, KindSchema schema, KindSchema parent, string path)
    {
        if (value is null)
        {
            return null;
        }
        var found = value.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            _ => "bool",
        };
        var fits = schema.Type switch
        {
            null => true,
            "integer" => found == "number" && value.Integer() is not null,
            "number" => found == "number",
            "boolean" => found == "bool",
            var type => type == found,
        };
        if (!fits)
        {
            var what = schema.Type == "integer" && found == "number" ? $"number {value.ToJsonString()}" : found;
            return $"json: cannot unmarshal {what} into Go struct field {Short(parent)}.{path} of type {Go(schema)}";
        }
        var errors = value switch
        {
            JsonObject members => members
                .Where(m => schema.Member(m.Key) is not null)
                .Select(m => Visit(m.Value, schema.Member(m.Key)!, schema.Properties.Count > 0 ? schema : parent, path.Length == 0 ? m.Key : $"{path}.{m.Key}")),
            JsonArray elements when schema.Items is { } items => elements.Select(element => Visit(element, items, parent, path)),
            _ => [],
        };
        return errors.FirstOrDefault(error => error is not null);
    }

    private static string Short(KindSchema schema) => schema.TypeName?[(schema.TypeName.LastIndexOf('.') + 1)..] ?? "";

    private static string Go(KindSchema schema) =>
        schema.Type switch
        {
            "integer" => schema.Format is "int64" or "int32" ? schema.Format : "int",
            "boolean" => "bool",
            "number" => "float64",
            "array" => "[]" + Go(schema.Items!),
            "object" when schema.TypeName is not null => $"v1.{Short(schema)}",
            "object" => "map[string]" + (schema.AdditionalProperties is { } values ? Go(values) : "interface {}"),
            "string" when schema.Format == "date-time" => "v1.Time",
            "string" when schema.Format == "byte" => "[]uint8",
            var other => other ?? "interface {}",
        };
}
