using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Statuses;

/// <summary>A request is answered with a Status of failure.</summary>
internal sealed class StatusException(JsonObject status) : Exception(Json.Text(status["message"]))
{
    public JsonObject Status { get; } = status;

    public int Code => (int)(Json.Number(Status["code"]) ?? 500);

    /// <summary>Seconds after which it may work, or null.</summary>
    public long? RetryAfter => Json.Number(Status["details"]?["retryAfterSeconds"]);
}
