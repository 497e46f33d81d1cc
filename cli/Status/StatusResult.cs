using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Contracts;

namespace Weft.Cli.Status;

/// <summary>What `weft status -o json` prints.</summary>
/// <param name="Server">The API server.</param>
/// <param name="Operator">Who leads.</param>
/// <param name="RoutingModes">Of all nodes; more than one is a warning.</param>
/// <param name="Nodes">By name.</param>
/// <param name="Warnings">What is not as it should be; empty when all is well.</param>
internal sealed record StatusResult(
    string Server,
    OperatorStatus Operator,
    IReadOnlyList<string> RoutingModes,
    IReadOnlyList<WeftNodeReport> Nodes,
    IReadOnlyList<Warning> Warnings
);

/// <summary>The operator.</summary>
/// <param name="Leader">Who holds its Lease; null when nobody does.</param>
/// <param name="Renewed">When it said so last, by its own clock.</param>
internal sealed record OperatorStatus(string? Leader, DateTimeOffset? Renewed);

/// <summary>One node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="NodeReady">Kubernetes' own condition of the Node.</param>
/// <param name="AgentReady">The agent's condition of the WeftNode.</param>
/// <param name="AgentVersion">Version of the agent.</param>
/// <param name="RoutingMode">vxlan or native.</param>
/// <param name="Addresses">Underlay addresses.</param>
/// <param name="PodCidrs">Prefixes of its pods.</param>
/// <param name="Kernel">Release of its kernel.</param>
/// <param name="Pods">How many pods the agent has; null when it was not asked.</param>
/// <param name="Features">What depends on the kernel, devices and configuration.</param>
/// <param name="Maps">Fill of the maps.</param>
internal sealed record WeftNodeReport(
    string Name,
    bool NodeReady,
    bool AgentReady,
    string? AgentVersion,
    string? RoutingMode,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<string> PodCidrs,
    string? Kernel,
    int? Pods,
    IReadOnlyList<FeatureState> Features,
    IReadOnlyList<MapState> Maps
);

/// <summary>Something that is not as it should be.</summary>
/// <param name="About">What it is about, such as "node worker-1".</param>
/// <param name="Text">What is wrong, and what to do.</param>
internal sealed record Warning(string About, string Text);

/// <summary>The JSON of `weft status`.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(StatusResult))]
internal sealed partial class StatusJson : JsonSerializerContext
{
    /// <summary>Writes quotes as they are; what is printed goes into no web page.</summary>
    public static StatusJson Plain { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                WriteIndented = true,
            }
        );
}
