using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Contracts;

namespace Weft.Cli.Services;

/// <summary>What `weft service list -o json` and `show -o json` print.</summary>
internal sealed record ServicesResult(IReadOnlyList<NodeServices> Nodes);

/// <summary>Services as one node serves them.</summary>
internal sealed record NodeServices(string Node, ServicesAnswer Services);

/// <summary>What `weft service trace -o json` prints.</summary>
internal sealed record TraceResult(IReadOnlyList<NodeTrace> Traces);

/// <summary>What becomes of a connection at one node.</summary>
internal sealed record NodeTrace(string Node, TraceQuestion Question, TraceAnswer Answer);

/// <summary>The JSON of these commands.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ServicesResult))]
[JsonSerializable(typeof(TraceResult))]
internal sealed partial class ServiceJson : JsonSerializerContext
{
    /// <summary>Writes quotes as they are; what is printed goes into no web page.</summary>
    public static ServiceJson Plain { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                WriteIndented = true,
            }
        );
}
