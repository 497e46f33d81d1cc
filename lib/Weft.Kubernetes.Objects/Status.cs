using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>metav1.Status: the server's answer to what it did not do.</summary>
public sealed record Status
{
    /// <summary>"Success" or "Failure".</summary>
    [JsonPropertyName("status")]
    public string? Result { get; init; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; init; }

    /// <summary>One word for programs: NotFound, Conflict, AlreadyExists, Expired …</summary>
    public string? Reason { get; init; }

    /// <summary>What it is about, and why.</summary>
    public StatusDetails? Details { get; init; }

    /// <summary>HTTP status code.</summary>
    public int? Code { get; init; }
}

/// <summary>metav1.StatusDetails.</summary>
public sealed record StatusDetails
{
    /// <summary>Name of the object.</summary>
    public string? Name { get; init; }

    /// <summary>Group of the resource.</summary>
    public string? Group { get; init; }

    /// <summary>Resource, or kind.</summary>
    public string? Kind { get; init; }

    /// <summary>Uid of the object.</summary>
    public string? Uid { get; init; }

    /// <summary>Each thing that is wrong.</summary>
    public IReadOnlyList<StatusCause>? Causes { get; init; }

    /// <summary>When to try again, in seconds.</summary>
    public int? RetryAfterSeconds { get; init; }
}

/// <summary>metav1.StatusCause.</summary>
public sealed record StatusCause
{
    /// <summary>One word: FieldValueInvalid, FieldManagerConflict …</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence.</summary>
    public string? Message { get; init; }

    /// <summary>Path of the field, such as "spec.ports[0].name".</summary>
    public string? Field { get; init; }
}
