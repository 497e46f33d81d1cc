using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Patches;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Http;

/// <summary>The body of a PATCH; its media type says what it means.</summary>
internal sealed class Patch
{
    private const string JsonPatchType = "application/json-patch+json";
    private const string MergeType = "application/merge-patch+json";
    private const string StrategicType = "application/strategic-merge-patch+json";
    private const string ApplyType = "application/apply-patch+yaml";

    private readonly Kind kind;
    private readonly string mediaType;
    private readonly JsonNode body;

    private Patch(Kind kind, string mediaType, JsonNode body)
    {
        this.kind = kind;
        this.mediaType = mediaType;
        this.body = body;
    }

    /// <summary>Server-side apply: what the client wants of the object, not how it differs.</summary>
    public bool IsApply => mediaType == ApplyType;

    public JsonObject Document => (JsonObject)body;

    /// <exception cref="StatusException">It is no patch that the kind takes.</exception>
    public static Patch Of(Kind kind, string mediaType, byte[] bytes)
    {
        if (mediaType is not (JsonPatchType or MergeType or StrategicType or ApplyType))
        {
            throw Failures.UnsupportedMediaType();
        }

        // What merges by strategy, the types of the built-in kinds say; a definition does not.
        if (mediaType == StrategicType && kind.IsCustom)
        {
            throw Failures.UnsupportedMediaType($"{JsonPatchType}, {MergeType}, {ApplyType}");
        }

        var body = Body.Parse(bytes);
        return mediaType == JsonPatchType
            ? new(kind, mediaType, body as JsonArray ?? throw Malformed(kind, "a JSON patch is a list of operations"))
            : new(kind, mediaType, body as JsonObject ?? throw Malformed(kind, "a patch is an object"));
    }

    /// <summary>The patched document.</summary>
    public JsonObject Apply(JsonObject document) =>
        mediaType switch
        {
            JsonPatchType => JsonPatch.Apply(document, (JsonArray)body) as JsonObject
                ?? throw Malformed(kind, "the patched document is no object"),
            StrategicType => StrategicMerge.Apply(document, Document, kind.Schema),
            _ => MergePatch.Apply(document, Document),
        };

    private static StatusException Malformed(Kind kind, string problem) =>
        Failures.BadRequest($"error decoding patch of {kind.Name}: {problem}");
}
