using System.Buffers;
using System.Text.Json;
using Weft.Kubernetes.Objects;

namespace Weft.Services;

/// <summary>
/// What a Service's <c>healthCheckNodePort</c> answers, with which load balancers find the nodes that have endpoints.
/// It counts ready ones only: a node that has but terminating ones still serves them and takes no new clients.
/// </summary>
/// <param name="Service">The Service.</param>
/// <param name="Port">Where it is asked, by HTTP on every node.</param>
/// <param name="LocalEndpoints">Ready endpoints on this node, a pod with several ports or families counted once.</param>
public sealed record ServiceHealth(ObjectKey Service, ushort Port, int LocalEndpoints)
{
    /// <summary>The answer's headers, as kube-proxy has them.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers =>
        [
            ("Content-Type", "application/json"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Load-Balancing-Endpoint-Weight", $"{LocalEndpoints}"),
        ];

    /// <summary>The answer's status: 200, or 503 without endpoints or when the agent itself is not well.</summary>
    public int Status(bool isAgentHealthy) => LocalEndpoints > 0 && isAgentHealthy ? 200 : 503;

    /// <summary>The answer's body, JSON with kube-proxy's fields.</summary>
    public byte[] Body(bool isAgentHealthy)
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteStartObject("service");
        json.WriteString("namespace", Service.Namespace);
        json.WriteString("name", Service.Name);
        json.WriteEndObject();
        json.WriteNumber("localEndpoints", LocalEndpoints);
        json.WriteBoolean("serviceProxyHealthy", isAgentHealthy);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenSpan.ToArray();
    }
}
