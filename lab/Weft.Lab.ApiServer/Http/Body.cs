using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Weft.Lab.ApiServer.Protobuf;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Http;

/// <summary>Bodies of requests.</summary>
internal static class Body
{
    /// <summary>As the real server's.</summary>
    public const int Limit = 3 << 20;

    public static string MediaType(HttpRequest request) => (request.ContentType ?? "").Split(';')[0].Trim();

    /// <summary>The document in a body, JSON or the protobuf that kubectl's `create` sends; null when it is empty.</summary>
    /// <exception cref="StatusException">It is something else.</exception>
    public static async Task<JsonObject?> DocumentAsync(Request request, string kind)
    {
        var bytes = await BytesAsync(request.Context.Request);
        if (bytes.Length == 0)
        {
            return null;
        }

        return MediaType(request.Context.Request) switch
        {
            "" or Representation.JsonType => Json(bytes, kind),
            "application/vnd.kubernetes.protobuf" => Envelope.Decode(bytes),
            _ => throw Failures.UnsupportedMediaType(Representation.JsonType),
        };
    }

    /// <exception cref="StatusException">There is none.</exception>
    public static async Task<JsonObject> RequiredAsync(Request request, string kind) =>
        await DocumentAsync(request, kind)
        ?? throw Failures.BadRequest(
            $"the object provided is unrecognized (must be of type {kind}): the body is empty"
        );

    public static async Task<byte[]> BytesAsync(HttpRequest request)
    {
        using var buffer = new MemoryStream();
        var part = new byte[16 << 10];
        int count;
        while ((count = await request.Body.ReadAsync(part, request.HttpContext.RequestAborted)) > 0)
        {
            buffer.Write(part, 0, count);
            if (buffer.Length > Limit)
            {
                throw Failures.TooLarge(Limit);
            }
        }

        return buffer.ToArray();
    }

    /// <summary>Any JSON, checked to the last: names that occur twice are found only when they are asked for.</summary>
    /// <exception cref="StatusException">It is none.</exception>
    public static JsonNode? Parse(byte[] bytes)
    {
        try
        {
            var node = JsonText.Parse(bytes);
            Touch(node);
            return node;
        }
        catch (JsonException e)
        {
            throw Failures.BadRequest($"error decoding the body: {e.Message}");
        }
        catch (ArgumentException e)
        {
            throw Failures.BadRequest($"strict decoding error: duplicate field: {e.Message}");
        }
    }

    private static JsonObject Json(byte[] bytes, string kind) =>
        Parse(bytes) as JsonObject
        ?? throw Failures.BadRequest(
            $"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: "
                + "json: cannot unmarshal "
                + $"{TypeOf(bytes)} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; "
                + $"Kind string \"json:\\\"kind,omitempty\\\"\" }} ({Convert.ToHexStringLower(bytes)})"
        );

    private static string TypeOf(byte[] bytes) =>
        JsonText.Parse(bytes)?.GetValueKind() switch
        {
            JsonValueKind.Array => "array",
            JsonValueKind.Number => "number",
            JsonValueKind.True or JsonValueKind.False => "bool",
            _ => "string",
        };

    private static void Touch(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var field in fields)
                {
                    Touch(field.Value);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Touch(item);
                }

                break;
        }
    }
}
