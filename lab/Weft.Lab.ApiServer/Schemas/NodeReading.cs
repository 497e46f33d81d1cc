using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Schemas;

/// <summary>Reading of documents whose shape nobody has checked: what is not there, or is something else, is null.</summary>
internal static class NodeReading
{
    /// <summary>Text as it is: what JSON does not demand to be escaped is not.</summary>
    public static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string? Text(this JsonNode? node) =>
        node is JsonValue v && v.TryGetValue(out string? text) ? text : null;

    public static bool? Flag(this JsonNode? node) => node is JsonValue v && v.TryGetValue(out bool flag) ? flag : null;

    /// <summary>A whole number; also one written as 1.0, as JSON makes no difference.</summary>
    public static long? Integer(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? value.TryGetValue(out long whole)
                ? whole
                : value.TryGetValue(out int small)
                    ? small
                    : value.TryGetValue(out double number)
                    && number == Math.Floor(number)
                    && Math.Abs(number) < long.MaxValue
                        ? (long)number
                        : null
            : null;

    public static double? Number(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? value.TryGetValue(out double number)
                ? number
                : value.TryGetValue(out long whole)
                    ? whole
                    : value.TryGetValue(out int small)
                        ? small
                        : value.TryGetValue(out decimal exact)
                            ? (double)exact
                            : null
            : null;

    /// <summary>The member at a path of names.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }
        return node;
    }

    /// <summary>The elements that are objects; none when this is no list.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonNode? node) =>
        (node as JsonArray)?.OfType<JsonObject>() ?? [];

    /// <summary>The elements that are strings; none when this is no list.</summary>
    public static IEnumerable<string> Texts(this JsonNode? node) =>
        (node as JsonArray)?.Select(Text).OfType<string>() ?? [];

    /// <summary>The members of an object; none when this is none.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode?>> Members(this JsonNode? node) => node as JsonObject ?? [];

    public static void SetIfAbsent(this JsonObject doc, string name, JsonNode? value)
    {
        if (doc[name] is null)
        {
            doc[name] = value;
        }
    }

    /// <summary>The object that is the member; made when it is absent.</summary>
    public static JsonObject Child(this JsonObject doc, string name)
    {
        if (doc[name] is not JsonObject child)
        {
            doc[name] = child = [];
        }
        return child;
    }
}
