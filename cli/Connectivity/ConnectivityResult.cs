using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Connectivity;

namespace Weft.Cli.Connectivity;

/// <summary>What `weft connectivity test -o json` prints.</summary>
internal sealed record ConnectivityResult(IReadOnlyList<PathResult> Paths);

/// <summary>The JSON of `weft connectivity`.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ConnectivityResult))]
internal sealed partial class ConnectivityJson : JsonSerializerContext
{
    /// <summary>Writes quotes as they are; what is printed goes into no web page.</summary>
    public static ConnectivityJson Plain { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                WriteIndented = true,
            }
        );
}
