using Microsoft.AspNetCore.Http;
using Weft.Lab.ApiServer.Kinds;

namespace Weft.Lab.ApiServer.Http;

/// <summary>/openapi/v2 and /openapi/v3, which kubectl's `explain` and `apply` read.</summary>
internal static class OpenApiDocuments
{
    public static Task AnswerAsync(HttpContext context, KindTable kinds, ReadOnlySpan<string> rest) =>
        Reply.TextAsync(context, 404, "404 page not found\n");
}
