using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects;

namespace Weft.Policy.Cases;

/// <summary>A small cluster with its policies, to be judged whole: one line of a file of cases.</summary>
/// <param name="Policies">NetworkPolicies in force.</param>
/// <param name="Namespaces">Namespaces with their labels.</param>
/// <param name="Pods">Pods; each serves exactly its ports.</param>
public sealed record PolicyCase(
    IReadOnlyList<NetworkPolicy> Policies,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Namespaces,
    IReadOnlyList<CasePod> Pods
);

/// <summary>A pod of a case.</summary>
public sealed record CasePod(
    string Namespace,
    string Name,
    string Ip,
    IReadOnlyDictionary<string, string>? Labels = null,
    IReadOnlyList<CasePort>? Ports = null
);

/// <summary>A port that a pod of a case serves.</summary>
public sealed record CasePort(int Port, string? Protocol = null, string? Name = null);

/// <summary>The answer to a case.</summary>
/// <param name="Verdicts">
/// "fromNs/fromPod&gt;toNs/toPod/PROTOCOL/port" to two letters: I when the destination's ingress allows it, E when the
/// source's egress does, "-" in place of the one that does not.
/// </param>
public sealed record CaseVerdicts(IReadOnlyDictionary<string, string> Verdicts);

/// <summary>The format of cases.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(PolicyCase))]
[JsonSerializable(typeof(CaseVerdicts))]
public sealed partial class CaseJson : JsonSerializerContext
{
    /// <summary>Writes the ">" of a verdict's name as it is; what is printed goes into no web page.</summary>
    public static CaseJson Plain { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );
}
