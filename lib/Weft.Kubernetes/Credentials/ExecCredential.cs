using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Credentials;

/// <summary>What is said to a credential plugin in KUBERNETES_EXEC_INFO, and what it prints.</summary>
internal sealed record ExecCredential
{
    public required string ApiVersion { get; init; }
    public required string Kind { get; init; }
    public ExecCredentialSpec? Spec { get; init; }
    public ExecCredentialStatus? Status { get; init; }
}

internal sealed record ExecCredentialSpec(bool Interactive, ExecCluster? Cluster);

internal sealed record ExecCluster
{
    public string? Server { get; init; }

    [JsonPropertyName("tls-server-name")]
    public string? TlsServerName { get; init; }

    [JsonPropertyName("insecure-skip-tls-verify")]
    public bool? Insecure { get; init; }

    [JsonPropertyName("certificate-authority-data")]
    public byte[]? CertificateAuthorityData { get; init; }

    [JsonPropertyName("proxy-url")]
    public string? ProxyUrl { get; init; }
}

internal sealed record ExecCredentialStatus
{
    public DateTimeOffset? ExpirationTimestamp { get; init; }
    public string? Token { get; init; }

    /// <summary>PEM, as it is.</summary>
    public string? ClientCertificateData { get; init; }

    /// <summary>PEM, as it is.</summary>
    public string? ClientKeyData { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ExecCredential))]
internal sealed partial class ExecCredentialJson : JsonSerializerContext;
