using Microsoft.AspNetCore.Http;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.OpenApi;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Http;

/// <summary>/openapi/v2 and /openapi/v3, which kubectl's `explain` and `apply` read. Made once for each set of kinds.</summary>
internal sealed class OpenApiDocuments
{
    private Documents? made;

    public Task AnswerAsync(HttpContext context, KindTable kinds, string path)
    {
        var documents = Volatile.Read(ref made);
        if (documents is null || documents.Kinds != kinds)
        {
            documents = Documents.Of(kinds);
            Volatile.Write(ref made, documents);
        }

        // kubectl 1.32 asks for v2 in protobuf only: 406 says to it that there is none.
        if (path == "v2")
        {
            Representation.Of(context.Request.Headers.Accept);
        }

        return documents.ByPath.TryGetValue(path, out var bytes)
            ? Reply.CacheableAsync(context, Representation.JsonType, bytes)
            : throw Failures.UnknownResource();
    }

    private sealed record Documents(KindTable Kinds, IReadOnlyDictionary<string, byte[]> ByPath)
    {
        public static Documents Of(KindTable kinds)
        {
            var shown = kinds
                .All.Select(kind => new OpenApiKind(
                    kind.Group,
                    kind.Version,
                    kind.Name,
                    kind.Plural,
                    kind.Namespaced,
                    kind.Schema
                ))
                .ToList();
            var v3 = shown
                .GroupBy(kind => OpenApiDocument.PathOf(kind.Group, kind.Version))
                .ToDictionary(group => group.Key, group => OpenApiDocument.V3([.. group]));
            var byPath = v3.ToDictionary(document => $"v3/{document.Key}", document => JsonText.Bytes(document.Value));
            byPath["v3"] = JsonText.Bytes(OpenApiDocument.Index(v3));
            byPath["v2"] = JsonText.Bytes(OpenApiDocument.V2(shown));
            return new(kinds, byPath);
        }
    }
}
