using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Contracts;

namespace Weft.Cli.Explaining;

/// <summary>What `weft explain -o json` prints: one connection for each family that both ends have.</summary>
internal sealed record ExplainResult(
    string From,
    string To,
    string Protocol,
    ushort Port,
    IReadOnlyList<ExplainedConnection> Connections
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
