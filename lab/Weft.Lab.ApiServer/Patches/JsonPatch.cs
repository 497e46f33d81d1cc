using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Patches;

/// <summary>JSON Patch (RFC 6902): all operations apply, or the document stays as it is.</summary>
public static class JsonPatch
{
    /// <summary>The bound on operations in one patch, as in kube-apiserver.</summary>
    public const int MaxOperations = 10_000;

    /// <summary>The patched document; neither argument changes. Throws <see cref="PatchException"/>.</summary>
    public static JsonNode Apply(JsonNode doc, JsonArray patch)
    {
        if (patch.Count > MaxOperations)
        {
            throw new PatchException(
                413,
                "RequestEntityTooLarge",
                $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {patch.Count}"
            );
        }
        JsonNode? result = doc.DeepClone();
        foreach (var operation in patch)
        {
            result = Apply(
                result,
                operation as JsonObject ?? throw PatchException.BadRequest("a JSON patch is a list of objects")
            );
        }
        return result ?? throw PatchException.Unprocessable("the patch removes the whole document");
    }

    private static JsonNode? Apply(JsonNode? doc, JsonObject operation)
    {
        var path = JsonPointer.Parse(Text(operation, "path"));
        switch (Text(operation, "op"))
        {
            case "add":
                return Add(doc, path, Value(operation));
            case "remove":
                return Remove(doc, path);
            case "replace":
                // "replace" of a member that is not there is an error, unlike "add".
                JsonPointer.Get(doc, path);
                return Replace(doc, path, Value(operation));
            case "move":
            {
                var from = JsonPointer.Parse(Text(operation, "from"));
                var moved = JsonPointer.Get(doc, from)?.DeepClone();
                if (path.Length > from.Length && path.AsSpan(0, from.Length).SequenceEqual(from))
                {
                    throw PatchException.Unprocessable("a value cannot be moved into itself");
                }
                return Add(Remove(doc, from), path, moved);
            }
            case "copy":
                return Add(doc, path, JsonPointer.Get(doc, JsonPointer.Parse(Text(operation, "from")))?.DeepClone());
            case "test":
                return JsonNode.DeepEquals(JsonPointer.Get(doc, path), Value(operation))
                    ? doc
                    : throw PatchException.Unprocessable($"testing path {Text(operation, "path")} failed");
            case var other:
                throw PatchException.Unprocessable($"unexpected kind: {other}");
        }
    }

    private static JsonNode? Add(JsonNode? doc, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value;
        }
        switch (JsonPointer.Get(doc, path.AsSpan(0, path.Length - 1)))
        {
            case JsonObject o:
                o[path[^1]] = value;
                return doc;
            case JsonArray a:
                a.Insert(path[^1] == "-" ? a.Count : JsonPointer.Index(path[^1], a.Count), value);
                return doc;
            default:
                throw PatchException.Unprocessable("a value can be added to an object or an array only");
        }
    }

    private static JsonNode? Remove(JsonNode? doc, string[] path)
    {
        if (path.Length == 0)
        {
            return null;
        }
        switch (JsonPointer.Get(doc, path.AsSpan(0, path.Length - 1)))
        {
            case JsonObject o when o.Remove(path[^1]):
                return doc;
            case JsonArray a:
                a.RemoveAt(JsonPointer.Index(path[^1], a.Count - 1));
                return doc;
            default:
                throw PatchException.Unprocessable($"Unable to remove nonexistent key: {path[^1]}");
        }
    }

    private static JsonNode? Replace(JsonNode? doc, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value;
        }
        switch (JsonPointer.Get(doc, path.AsSpan(0, path.Length - 1)))
        {
            case JsonObject o:
                o[path[^1]] = value;
                break;
            case JsonArray a:
                a[JsonPointer.Index(path[^1], a.Count - 1)] = value;
                break;
        }
        return doc;
    }

    private static JsonNode? Value(JsonObject operation) =>
        operation.TryGetPropertyValue("value", out var value)
            ? value?.DeepClone()
            : throw PatchException.Unprocessable("the operation has no \"value\"");

    private static string Text(JsonObject operation, string name) =>
        operation[name] is JsonValue value && value.TryGetValue(out string? text)
            ? text
            : throw PatchException.Unprocessable($"the operation has no \"{name}\"");
}
