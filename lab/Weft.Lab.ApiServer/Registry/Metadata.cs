using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Registry;

/// <summary>The part of metadata that is the server's, on documents only.</summary>
internal static class Metadata
{
    public static JsonObject Of(JsonObject document) => (JsonObject)document["metadata"]!;

    /// <summary>Gives a new object its identity.</summary>
    public static void Begin(Kind kind, JsonObject document, string? ns, DateTimeOffset now)
    {
        var metadata = Of(document);
        foreach (
            var served in (string[])
                ["resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"]
        )
        {
            metadata.Remove(served);
        }

        if (ns is not null)
        {
            metadata["namespace"] = ns;
        }
        else
        {
            metadata.Remove("namespace");
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Fields.Time(now);
        if (kind.HasGeneration)
        {
            metadata["generation"] = 1;
        }
    }

    /// <summary>Gives a changed object what no client changes.</summary>
    public static void Continue(JsonObject document, JsonObject old)
    {
        var (metadata, before) = (Of(document), Of(old));
        foreach (
            var kept in (string[])
                [
                    "name",
                    "namespace",
                    "generateName",
                    "uid",
                    "resourceVersion",
                    "creationTimestamp",
                    "generation",
                    "deletionTimestamp",
                    "deletionGracePeriodSeconds",
                ]
        )
        {
            metadata.Remove(kept);
            if (before[kept] is { } value)
            {
                metadata[kept] = value.DeepClone();
            }
        }

        metadata.Remove("selfLink");
    }

    /// <summary>Counts a change to what is wanted. After defaults: a field that comes back by one has not changed.</summary>
    public static void CountGeneration(Kind kind, JsonObject document, JsonObject old)
    {
        var (metadata, before) = (Of(document), Of(old));
        if (kind.HasGeneration && !SameButMetadataAndStatus(document, old))
        {
            metadata["generation"] = (before["generation"].Integer() ?? 0) + 1;
        }
    }

    /// <exception cref="StatusException">The precondition a resourceVersion or uid in a document is does not hold.</exception>
    public static void CheckPreconditions(Kind kind, JsonObject document, JsonObject old, bool required)
    {
        var (metadata, before) = (Of(document), Of(old));
        var name = before["name"].Text()!;
        var resourceVersion = metadata["resourceVersion"].Text();
        if (string.IsNullOrEmpty(resourceVersion))
        {
            if (required)
            {
                throw Failures.Invalid(kind, name, "metadata.resourceVersion", "0: must be specified for an update");
            }
        }
        else if (resourceVersion != before["resourceVersion"].Text())
        {
            throw Failures.Modified(kind, name);
        }

        if (metadata["uid"].Text() is { Length: > 0 } uid && uid != before["uid"].Text())
        {
            throw Failures.Conflict(
                kind,
                name,
                $"StorageError: invalid object, Code: 4, Key: {StorageKey(kind, before)}, ResourceVersion: 0, "
                    + $"AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, "
                    + $"UID in object meta: {before["uid"].Text()}"
            );
        }
    }

    /// <summary>True when nothing is different but the times in managedFields.</summary>
    public static bool IsSame(JsonObject document, JsonObject old)
    {
        return JsonNode.DeepEquals(Timeless(document), Timeless(old));

        static JsonObject Timeless(JsonObject document)
        {
            var copy = (JsonObject)document.DeepClone();
            foreach (var entry in Of(copy)["managedFields"].Objects())
            {
                entry.Remove("time");
            }

            return copy;
        }
    }

    public static IReadOnlyList<string> Finalizers(JsonObject document) => [.. Of(document)["finalizers"].Texts()];

    /// <summary>Sets the finalizers; an empty list is no field.</summary>
    public static void SetFinalizers(JsonObject document, IEnumerable<string> finalizers)
    {
        var array = new JsonArray([.. finalizers.Select(finalizer => (JsonNode)finalizer)]);
        if (array.Count == 0)
        {
            Of(document).Remove("finalizers");
        }
        else
        {
            Of(document)["finalizers"] = array;
        }
    }

    private static bool SameButMetadataAndStatus(JsonObject left, JsonObject right) =>
        left.Where(IsContent).All(field => JsonNode.DeepEquals(field.Value, right[field.Key]))
        && right.Where(IsContent).All(field => left.ContainsKey(field.Key));

    private static bool IsContent(KeyValuePair<string, JsonNode?> field) => field.Key is not ("metadata" or "status");

    private static string StorageKey(Kind kind, JsonObject metadata) =>
        "/registry/"
        + (kind.IsCustom ? $"{kind.Group}/" : "")
        + kind.Plural
        + (metadata["namespace"].Text() is { } ns ? $"/{ns}" : "")
        + $"/{metadata["name"].Text()}";
}
