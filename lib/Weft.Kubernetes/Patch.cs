using System.Text;
using System.Text.Json.Nodes;

namespace Weft.Kubernetes;

/// <summary>A change of an object, in one of the three languages of the server.</summary>
public sealed class Patch
{
    private Patch(string mediaType, ReadOnlyMemory<byte> body, bool idempotent = true)
    {
        MediaType = mediaType;
        Body = body;
        Idempotent = idempotent;
    }

    internal string MediaType { get; }

    internal ReadOnlyMemory<byte> Body { get; }

    internal bool Idempotent { get; }

    /// <summary>JSON merge patch (RFC 7396): what it names is replaced, null removes.</summary>
    public static Patch Merge(ReadOnlyMemory<byte> utf8) => new("application/merge-patch+json", utf8);

    /// <inheritdoc cref="Merge(ReadOnlyMemory{byte})" />
    public static Patch Merge(JsonObject change) => Merge(Utf8(change));

    /// <summary>JSON patch (RFC 6902): a list of operations. Not idempotent in general, so it is not retried.</summary>
    public static Patch Json(ReadOnlyMemory<byte> utf8) => new("application/json-patch+json", utf8, idempotent: false);

    /// <inheritdoc cref="Json(ReadOnlyMemory{byte})" />
    public static Patch Json(JsonArray operations) => Json(Utf8(operations));

    /// <summary>Strategic merge patch: lists are merged by their keys. Not for custom resources.</summary>
    public static Patch Strategic(ReadOnlyMemory<byte> utf8) => new("application/strategic-merge-patch+json", utf8);

    /// <inheritdoc cref="Strategic(ReadOnlyMemory{byte})" />
    public static Patch Strategic(JsonObject change) => Strategic(Utf8(change));

    private static byte[] Utf8(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());
}
