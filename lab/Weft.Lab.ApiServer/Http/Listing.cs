using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Selectors;
using Weft.Lab.ApiServer.Statuses;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Http;

/// <summary>GET of a collection: selected, in pages, at a resourceVersion.</summary>
internal static class Listing
{
    public static Task ListAsync(Cluster cluster, Request request)
    {
        var selection = Selection.Of(request);
        var (objects, resourceVersion, start) = State(cluster, request);
        var limit = request.Number("limit") ?? 0;
        var page = new List<StoredObject>();
        var metadata = new JsonObject { ["resourceVersion"] = $"{resourceVersion}" };
        foreach (var stored in Candidates(objects, request, start))
        {
            if (limit > 0 && page.Count == limit)
            {
                metadata["continue"] = new ContinueToken(resourceVersion, $"{page[^1].Key}\0").Encode();
                // With a selector it would have to be counted.
                if (selection.IsEverything)
                {
                    metadata["remainingItemCount"] = Remaining(objects, request, stored);
                }

                break;
            }

            if (selection.Matches(stored))
            {
                page.Add(stored);
            }
        }

        return Reply.BytesAsync(
            request.Context,
            200,
            request.Representation.MediaType,
            Presentation.Many(request, page, metadata)
        );
    }

    /// <summary>Which state is asked for, and the key it begins at.</summary>
    private static (ImmutableSortedSet<StoredObject> Objects, long ResourceVersion, string Start) State(
        Cluster cluster,
        Request request
    )
    {
        var collection = cluster.Store.Collection(request.Kind.Collection);
        var asked = request.ResourceVersion;
        var match = request.Query("resourceVersionMatch") ?? "";
        CheckMatch(match, asked);
        if (request.Query("continue") is { Length: > 0 } text)
        {
            if (asked is > 0)
            {
                throw Failures.BadRequest("specifying resource version is not allowed when using continue");
            }

            var token = ContinueToken.Decode(text);
            return (
                collection.At(token.ResourceVersion) ?? throw Failures.ContinueExpired(),
                token.ResourceVersion,
                token.Start
            );
        }

        // In this order: everything up to this number is in the objects that are read after it.
        var before = cluster.Store.ResourceVersion;
        var now = collection.Now();
        var current = Math.Max(before, now.ResourceVersion);
        if (asked > current)
        {
            throw Failures.FutureResourceVersion(asked.Value, current);
        }

        if (match == "Exact" && asked is { } exact)
        {
            return (collection.At(exact) ?? throw Failures.TooOld(exact, collection.Forgotten), exact, "");
        }

        return (now.Objects, current, "");
    }

    private static void CheckMatch(string match, long? asked)
    {
        var options = new Kinds.Kind("meta.k8s.io", "v1", "", "ListOptions", false);
        const string field = "resourceVersionMatch";
        if (match.Length > 0 && asked is null)
        {
            throw Failures.Invalid(
                options,
                "",
                [FieldError.Forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided")]
            );
        }

        if (match is not ("" or "Exact" or "NotOlderThan"))
        {
            throw Failures.Invalid(options, "", [FieldError.NotSupported(field, match, "Exact", "NotOlderThan", "")]);
        }

        if (match == "Exact" && asked == 0)
        {
            throw Failures.Invalid(
                options,
                "",
                [FieldError.Forbidden(field, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")]
            );
        }
    }

    private static IEnumerable<StoredObject> Candidates(
        ImmutableSortedSet<StoredObject> objects,
        Request request,
        string start
    )
    {
        if (request.Namespace is not { } ns)
        {
            return start.Length == 0 ? objects : Ranges.From(objects, start);
        }

        return start.Length == 0
            ? Ranges.InNamespace(objects, ns)
            : Ranges.From(objects, start).TakeWhile(stored => stored.Namespace == ns);
    }

    private static int Remaining(ImmutableSortedSet<StoredObject> objects, Request request, StoredObject next)
    {
        // '0' comes right after '/', so this is the end of the namespace.
        var end = request.Namespace is { } ns ? Ranges.IndexOf(objects, $"{ns}0") : objects.Count;
        return end - Ranges.IndexOf(objects, next.Key);
    }
}
