using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Policy.Checks;

namespace Weft.Cli.Policies;

/// <summary>What `weft policy check -o json` prints.</summary>
/// <param name="Policies">How many NetworkPolicies were checked.</param>
/// <param name="Findings">What was found.</param>
internal sealed record CheckResult(int Policies, IReadOnlyList<CheckedObject> Findings);

/// <summary>One finding.</summary>
/// <param name="Source">File and number of the document in it.</param>
/// <param name="Object">Kind, namespace and name.</param>
/// <param name="Path">Field; empty for the whole object.</param>
/// <param name="Severity">error or warning.</param>
/// <param name="Message">What is wrong and what to change.</param>
internal sealed record CheckedObject(string Source, string Object, string Path, string Severity, string Message)
{
    public CheckedObject(ManifestFinding found)
        : this(
            found.Source,
            found.Object,
            found.Finding.Path,
            found.Finding.Severity == Weft.Policy.Checks.Severity.Error ? "error" : "warning",
            found.Finding.Message
        ) { }
}

/// <summary>The JSON of the commands about policies.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CheckResult))]
internal sealed partial class PolicyJson : JsonSerializerContext
{
    /// <summary>Writes quotes and "&gt;" as they are; what is printed goes into no web page.</summary>
    public static PolicyJson Plain { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                WriteIndented = true,
            }
        );
}
