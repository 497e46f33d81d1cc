using System.Globalization;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer;

/// <summary>Fields of documents by dotted paths, and values as the API writes them.</summary>
internal static class Fields
{
    /// <summary>The node at a path such as `.spec.replicas`, or null.</summary>
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
            document = document.Child(name);
        }

        document[names[^1]] = value;
    }

    /// <summary>A map of texts, such as labels; empty when there is none.</summary>
    public static Dictionary<string, string> Map(JsonNode? node) =>
        node.Members()
            .Where(entry => entry.Value.Text() is not null)
            .ToDictionary(entry => entry.Key, entry => entry.Value.Text()!);

    /// <summary>A value as selectors compare it: text as it is, others as JSON writes them, empty when there is none.</summary>
    public static string Scalar(JsonNode? node) => node.Text() ?? node?.ToJsonString() ?? "";

    public static bool HasCondition(JsonObject document, string type) =>
        document["status"]
            ?["conditions"].Objects()
            .Any(condition => condition["type"].Text() == type && condition["status"].Text() == "True") == true;

    /// <summary>As metav1.Time: whole seconds, UTC.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
