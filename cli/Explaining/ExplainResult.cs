using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Contracts;

namespace Weft.Cli.Explaining;

/// <summary>What `weft explain -o json` prints.</summary>
/// <param name="From">Who opens the connection.</param>
/// <param name="To">The other end, as it was named.</param>
/// <param name="Protocol">TCP, UDP, SCTP or ICMP.</param>
/// <param name="Port">Port of the other end; 0 for ICMP.</param>
/// <param name="Connections">One for each family that both ends have; none to a Service.</param>
/// <param name="Services">Where it goes at each node it may come to; null when it is to no Service.</param>
internal sealed record ExplainResult(
    string From,
    string To,
    string Protocol,
    ushort Port,
    IReadOnlyList<ExplainedConnection> Connections,
    IReadOnlyList<ExplainedService>? Services = null
)
{
    /// <summary>Whether some node's maps differ from the objects.</summary>
    [JsonIgnore]
    public bool Differs =>
        Connections.Any(connection => connection.Differs)
        || Services?.Any(service =>
            service.Difference is not null || service.Endpoints.Any(endpoint => endpoint.Differs)
        ) == true;
}

/// <summary>A connection to a Service at one node.</summary>
/// <param name="Asked">"address:port/PROTOCOL" of the Service.</param>
/// <param name="Node">The node that chooses the endpoint.</param>
/// <param name="Action">Forward, Reject or Drop, by the objects.</param>
/// <param name="Reason">Why.</param>
/// <param name="Difference">How the maps of the node differ from it; null when they do not, or could not be asked.</param>
/// <param name="Endpoints">The connection to each endpoint that it may go to.</param>
internal sealed record ExplainedService(
    string Asked,
    string Node,
    string Action,
    string Reason,
    string? Difference,
    IReadOnlyList<ExplainResult> Endpoints
);

/// <summary>A connection between two addresses.</summary>
/// <param name="Allowed">Whether both sides let it pass, by the objects.</param>
/// <param name="Differs">Whether a node's maps judge it otherwise than the objects do.</param>
internal sealed record ExplainedConnection(
    string Source,
    string Destination,
    bool Allowed,
    bool Differs,
    ExplainedSide Egress,
    ExplainedSide Ingress
);

/// <summary>One side of it.</summary>
/// <param name="Outcome">NoPod, NotIsolated, OwnNode, Itself, Allowed or Denied, by the objects.</param>
/// <param name="Rule">The rule that allows it.</param>
/// <param name="IsolatedBy">The policies that isolate the pod in this direction.</param>
/// <param name="Audited">Whether what is denied is let through.</param>
/// <param name="Node">The node whose maps were asked; null when none was.</param>
/// <param name="Maps">What they say.</param>
/// <param name="Differs">Whether they differ from the objects.</param>
internal sealed record ExplainedSide(
    string Outcome,
    string? Rule,
    IReadOnlyList<string> IsolatedBy,
    bool Audited,
    string? Node,
    PolicySide? Maps,
    bool Differs
);

/// <summary>What `weft denials -o json` prints.</summary>
internal sealed record DenialsResult(IReadOnlyList<NodeDenial> Denials);

/// <summary>A denial and the node that noted it.</summary>
/// <param name="PeerName">The other end, if any agent that was asked knows it.</param>
internal sealed record NodeDenial(string Node, string? PeerName, DenialState Denial);

/// <summary>The JSON of these commands.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ExplainResult))]
[JsonSerializable(typeof(DenialsResult))]
internal sealed partial class ExplainJson : JsonSerializerContext
{
    /// <summary>Writes quotes and "&gt;" as they are; what is printed goes into no web page.</summary>
    public static ExplainJson Plain { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                WriteIndented = true,
            }
        );
}
