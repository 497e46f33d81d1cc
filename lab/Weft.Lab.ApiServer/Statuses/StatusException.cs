using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Statuses;

/// <summary>A request is answered with a Status of failure.</summary>
internal sealed class StatusException(JsonObject status) : Exception(status["message"].Text())
{
    public JsonObject Status { get; } = status;

    public int Code => (int)(Status["code"].Integer() ?? 500);

    /// <summary>Seconds after which it may work, or null.</summary>
    public long? RetryAfter => Status["details"]?["retryAfterSeconds"].Integer();
}
