using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers;

/// <summary>A Pod whose spec is a template's, with all its fields.</summary>
internal sealed record TemplatedPod : IKubernetesObject
{
    public string? ApiVersion { get; init; }

    public string? Kind { get; init; }

    public required ObjectMeta Metadata { get; init; }

    public JsonElement Spec { get; init; }
}

/// <summary>A Binding (core/v1): the pod it is created below goes to a node.</summary>
internal sealed record Binding : IKubernetesObject
{
    public string? ApiVersion { get; init; }

    public string? Kind { get; init; }

    public required ObjectMeta Metadata { get; init; }

    /// <summary>Null in the answer, which is a Status.</summary>
    public ObjectReference? Target { get; init; }
}

/// <summary>What the controllers create and never read.</summary>
internal static class Created
{
    public static Resource<TemplatedPod> Pods { get; } =
        new(
            "",
            "v1",
            "pods",
            "Pod",
            true,
            CreatedJson.Default.TemplatedPod,
            CreatedJson.Default.ObjectListTemplatedPod
        );

    /// <summary>Those of one pod.</summary>
    public static Resource<Binding> BindingsOf(string pod) =>
        new(
            "",
            "v1",
            $"pods/{pod}/binding",
            "Binding",
            true,
            CreatedJson.Default.Binding,
            CreatedJson.Default.ObjectListBinding
        );
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ObjectList<TemplatedPod>))]
[JsonSerializable(typeof(ObjectList<Binding>))]
internal sealed partial class CreatedJson : JsonSerializerContext;
