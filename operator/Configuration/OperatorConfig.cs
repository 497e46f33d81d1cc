using System.Text.Json.Serialization;

namespace Weft.Operator.Configuration;

/// <summary>The operator's configuration as the file has it; what it leaves out is null. See docs/configuration.md.</summary>
internal sealed record OperatorConfig
{
    /// <summary>Where nodes get their pod prefixes from: "pool" or "kubernetes".</summary>
    public string? Ipam { get; init; }

    /// <summary>Ranges of the pool that is made when there is none.</summary>
    public IReadOnlyList<string>? ClusterPodCidrs { get; init; }

    /// <summary>How long a block rests when its node is gone.</summary>
    public int? BlockCoolDownSeconds { get; init; }

    /// <summary>How long an identity stays that nobody has.</summary>
    public int? IdentityGraceSeconds { get; init; }

    /// <summary>Address and port of health and metrics.</summary>
    public string? Listen { get; init; }

    /// <summary>Namespace of the Lease that the operators take turns by.</summary>
    public string? LeaseNamespace { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    ReadCommentHandling = System.Text.Json.JsonCommentHandling.Skip,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(OperatorConfig))]
internal sealed partial class ConfigJson : JsonSerializerContext;
