using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Http;

/// <summary>Answers that are whole.</summary>
internal static class Reply
{
    /// <summary>Answers from this size on are compressed for those who take it, as the real server's are.</summary>
    private const int CompressFrom = 128 << 10;

    public static Task JsonAsync(HttpContext context, int code, JsonNode document) =>
        BytesAsync(context, code, Representation.JsonType, JsonText.Bytes(document));

    public static async Task BytesAsync(HttpContext context, int code, string mediaType, ReadOnlyMemory<byte> bytes)
    {
        var response = context.Response;
        response.StatusCode = code;
        response.ContentType = mediaType;
        if (response.Headers.CacheControl.Count == 0)
        {
            response.Headers.CacheControl = "no-cache, private";
        }

        if (bytes.Length >= CompressFrom && AcceptsGzip(context.Request))
        {
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Vary = "Accept-Encoding";
            await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(bytes, context.RequestAborted);
            return;
        }

        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    public static Task StatusAsync(HttpContext context, StatusException failure)
    {
        if (failure.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = $"{seconds}";
        }

        return JsonAsync(context, failure.Code, failure.Status);
    }

    public static Task TextAsync(HttpContext context, int code, string text) =>
        BytesAsync(context, code, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    /// <summary>An answer that clients keep and ask for again: 304 when it is still the same.</summary>
    public static Task CacheableAsync(HttpContext context, string mediaType, byte[] bytes)
    {
        var tag = $"\"{Convert.ToHexString(System.Security.Cryptography.SHA512.HashData(bytes))}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.Vary = "Accept";
        context.Response.Headers.CacheControl = "public";
        if (context.Request.Headers.IfNoneMatch.Contains(tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return BytesAsync(context, 200, mediaType, bytes);
    }

    /// <summary>What a client should know though its request worked, in the form of RFC 7234, section 5.5.</summary>
    public static void Warn(HttpContext context, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            var quoted = warning
                .Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal);
            context.Response.Headers.Append("Warning", $"299 - \"{quoted}\"");
        }
    }

    private static bool AcceptsGzip(HttpRequest request) =>
        request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
}
