using System.Globalization;
using System.Text.Json.Nodes;

namespace Weft.Tests.Unit.Kubernetes;

/// <summary>A server with one Lease and optimistic concurrency.</summary>
internal sealed class LeaseServer
{
    private readonly Lock gate = new();
    private JsonObject? lease;
    private long version;

    /// <summary>Whether it refuses everything.</summary>
    public bool IsAway { get; set; }

    public string? Spec(string field)
    {
        lock (gate)
        {
            return lease?["spec"]?[field]?.ToString();
        }
    }

    public Task AnswerAsync(Exchange x)
    {
        if (IsAway)
        {
            return x.RefuseAsync(403, "Forbidden");
        }

        lock (gate)
        {
            switch (x.Method)
            {
                case "GET" when lease is null:
                    return x.RefuseAsync(404, "NotFound");
                case "POST" when lease is not null:
                    return x.RefuseAsync(409, "AlreadyExists");
                case "PUT" when Version(JsonNode.Parse(x.Body)!) != Version(lease!):
                    return x.RefuseAsync(409, "Conflict");
                case "POST" or "PUT":
                    lease = JsonNode.Parse(x.Body)!.AsObject();
                    lease["metadata"]!["resourceVersion"] = (++version).ToString(CultureInfo.InvariantCulture);
                    break;
            }

            return x.AnswerAsync(200, lease!.ToJsonString());
        }
    }

    private static string? Version(JsonNode node) => (string?)node["metadata"]!["resourceVersion"];
}
