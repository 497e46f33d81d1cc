using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer;

/// <summary>Documents as this server keeps and writes them.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Depth enough for any schema, and a bound on what a request can make the parser do.</summary>
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 128 };

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8) => JsonNode.Parse(utf8, null, Reading);

    public static byte[] Bytes(JsonNode node)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            node.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The text, or null if it is missing, null or no text.</summary>
    public static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static long? Number(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<long>(out var number)
            ? number
            : null;

    public static bool IsTrue(JsonNode? node) => node?.GetValueKind() == JsonValueKind.True;

    /// <summary>The texts of an array; none when there is no array.</summary>
    public static IReadOnlyList<string> Texts(JsonNode? node) =>
        node is JsonArray array ? [.. array.Select(Text).OfType<string>()] : [];

    public static IEnumerable<JsonObject> Objects(JsonNode? node) =>
        node is JsonArray array ? array.OfType<JsonObject>() : [];

    /// <summary>A text-to-text map; empty when there is none.</summary>
    public static Dictionary<string, string> Map(JsonNode? node) =>
        node is JsonObject map
            ? map.Where(entry => Text(entry.Value) is not null).ToDictionary(entry => entry.Key, entry => Text(entry.Value)!)
            : [];

    /// <summary>The node at a path of field names with dots between, or null.</summary>
    public static JsonNode? At(JsonObject document, string path)
    {
        JsonNode? node = document;
        foreach (var name in path.TrimStart('.').Split('.'))
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }

    /// <summary>Sets a value at a path, making the objects on its way.</summary>
    public static void Set(JsonObject document, string path, JsonNode value)
    {
        var names = path.TrimStart('.').Split('.');
        foreach (var name in names[..^1])
        {
            document = Child(document, name);
        }

        document[names[^1]] = value;
    }

    /// <summary>The object in a field; made if it is not there.</summary>
    public static JsonObject Child(JsonObject document, string name)
    {
        if (document[name] is not JsonObject child)
        {
            document[name] = child = [];
        }

        return child;
    }

    /// <summary>A scalar as selectors compare it: text as it is, numbers and booleans as JSON writes them.</summary>
    public static string Scalar(JsonNode? node) =>
        node switch
        {
            null => "",
            _ => Text(node) ?? node.ToJsonString(),
        };

    public static bool HasCondition(JsonObject document, string type) =>
        Objects(document["status"]?["conditions"])
            .Any(condition => Text(condition["type"]) == type && Text(condition["status"]) == "True");

    /// <summary>As metav1.Time: whole seconds, UTC.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
