using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Http;

/// <summary>Where a list that came in pages goes on: the state it is of and the key that comes next.</summary>
internal sealed record ContinueToken(long ResourceVersion, string Start)
{
    private const string Version = "meta.k8s.io/v1";

    public string Encode() =>
        Base64Url.EncodeToString(
            Encoding.UTF8.GetBytes(
                new JsonObject
                {
                    ["v"] = Version,
                    ["rv"] = ResourceVersion,
                    ["start"] = Start,
                }.ToJsonString()
            )
        );

    /// <exception cref="StatusException">It is none of this server's.</exception>
    public static ContinueToken Decode(string text)
    {
        try
        {
            var token = JsonText.Parse(Base64Url.DecodeFromChars(text));
            if (
                token is JsonObject fields
                && fields["v"].Text() == Version
                && fields["rv"].Integer() is > 0 and var version
                && fields["start"].Text() is { } start
            )
            {
                return new(version, start);
            }
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw Failures.BadRequest($"continue key is not valid: {e.Message}");
        }

        throw Failures.BadRequest("continue key is not valid: unrecognized version or field");
    }
}
