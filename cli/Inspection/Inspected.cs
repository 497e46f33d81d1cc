using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Cli.Status;
using Weft.Contracts;
using Weft.Kubernetes.Objects;

namespace Weft.Cli.Inspection;

/// <summary>What `weft endpoint list -o json` prints.</summary>
internal sealed record EndpointsResult(IReadOnlyList<EndpointReport> Endpoints);

/// <summary>A pod as policies and other nodes know it.</summary>
/// <param name="Pod">namespace/name.</param>
/// <param name="Node">Its node.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Identity">Number of its identity.</param>
/// <param name="Labels">What the identity stands for; null when there is no such identity.</param>
internal sealed record EndpointReport(
    string Pod,
    string Node,
    IReadOnlyList<string> Addresses,
    uint Identity,
    IReadOnlyDictionary<string, string>? Labels
);

/// <summary>What `weft identity list -o json` prints.</summary>
internal sealed record IdentitiesResult(IReadOnlyList<IdentityReport> Identities);

/// <summary>All pods that no policy can tell apart.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Name of the WeftIdentity.</param>
/// <param name="Namespace">Namespace of the pods.</param>
/// <param name="Labels">Labels of the pods, of those keys that policies name.</param>
/// <param name="AbsentLabels">Keys that policies name and the pods do not have.</param>
/// <param name="NamespaceLabels">Labels of the namespace, likewise.</param>
/// <param name="AbsentNamespaceLabels">Keys that the namespace does not have.</param>
/// <param name="Ports">Named ports, as "http/TCP=8080".</param>
/// <param name="Pods">The pods, as namespace/name.</param>
internal sealed record IdentityReport(
    uint Id,
    string Name,
    string Namespace,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyList<string> AbsentLabels,
    IReadOnlyDictionary<string, string> NamespaceLabels,
    IReadOnlyList<string> AbsentNamespaceLabels,
    IReadOnlyList<string> Ports,
    IReadOnlyList<string> Pods
);

/// <summary>What `weft node list -o json` prints.</summary>
internal sealed record NodesResult(IReadOnlyList<WeftNodeReport> Nodes);

/// <summary>What `weft node get -o json` prints.</summary>
/// <param name="Node">As `weft status` has it.</param>
/// <param name="Conditions">What agent and operator say of it.</param>
/// <param name="Agent">All that the agent says of itself; null when it could not be asked.</param>
/// <param name="Problem">Why it could not.</param>
internal sealed record NodeDetail(
    WeftNodeReport Node,
    IReadOnlyList<Condition> Conditions,
    AgentState? Agent,
    string? Problem
);

/// <summary>What `weft map list -o json` prints.</summary>
internal sealed record MapsResult(IReadOnlyList<MapReport> Maps);

/// <summary>A map of a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Name">The map.</param>
/// <param name="Entries">How many entries it has.</param>
/// <param name="Capacity">How many it can have.</param>
/// <param name="Fill">The one by the other.</param>
internal sealed record MapReport(string Node, string Name, long Entries, long Capacity, double Fill);

/// <summary>What `weft map dump -o json` prints.</summary>
internal sealed record MapDumpResult(IReadOnlyList<NodeMapDump> Nodes);

/// <summary>Entries of a map of a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Map">The map.</param>
/// <param name="Total">How many entries it has.</param>
/// <param name="Entries">Those that were read, by field; beside a field FIELD with a name there is one FIELDName.</param>
internal sealed record NodeMapDump(
    string Node,
    string Map,
    long Total,
    IReadOnlyList<IReadOnlyDictionary<string, string>> Entries
);

/// <summary>The JSON of these commands.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(EndpointsResult))]
[JsonSerializable(typeof(IdentitiesResult))]
[JsonSerializable(typeof(NodesResult))]
[JsonSerializable(typeof(NodeDetail))]
[JsonSerializable(typeof(MapsResult))]
[JsonSerializable(typeof(MapDumpResult))]
internal sealed partial class InspectionJson : JsonSerializerContext
{
    /// <summary>Writes quotes as they are; what is printed goes into no web page.</summary>
    public static InspectionJson Plain { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                WriteIndented = true,
            }
        );
}
