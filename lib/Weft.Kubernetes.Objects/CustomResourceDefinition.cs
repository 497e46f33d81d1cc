using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>apiextensions.k8s.io/v1 CustomResourceDefinition.</summary>
public sealed record CustomResourceDefinition : KubernetesObject
{
    /// <summary>The kind.</summary>
    public required CustomResourceDefinitionSpec Spec { get; init; }

    /// <summary>Whether it is served.</summary>
    public CustomResourceDefinitionStatus? Status { get; init; }
}

/// <summary>A kind.</summary>
public sealed record CustomResourceDefinitionSpec
{
    /// <summary>Group.</summary>
    public required string Group { get; init; }

    /// <summary>Names.</summary>
    public required CustomResourceDefinitionNames Names { get; init; }

    /// <summary>Cluster or Namespaced.</summary>
    public required string Scope { get; init; }

    /// <summary>Versions.</summary>
    public required IReadOnlyList<CustomResourceDefinitionVersion> Versions { get; init; }
}

/// <summary>Names of a kind.</summary>
public sealed record CustomResourceDefinitionNames
{
    /// <summary>In paths.</summary>
    public required string Plural { get; init; }

    /// <summary>On the command line.</summary>
    public string? Singular { get; init; }

    /// <summary>On the command line.</summary>
    public IReadOnlyList<string>? ShortNames { get; init; }

    /// <summary>In manifests.</summary>
    public required string Kind { get; init; }

    /// <summary>Kind of its lists.</summary>
    public string? ListKind { get; init; }

    /// <summary>Groups of kinds on the command line.</summary>
    public IReadOnlyList<string>? Categories { get; init; }
}

/// <summary>One version of a kind.</summary>
public sealed record CustomResourceDefinitionVersion
{
    /// <summary>Such as v1alpha1.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is served.</summary>
    public bool Served { get; init; }

    /// <summary>Whether objects are stored in it: exactly one is.</summary>
    public bool Storage { get; init; }

    /// <summary>Schema.</summary>
    public CustomResourceValidation? Schema { get; init; }

    /// <summary>Subresources.</summary>
    public CustomResourceSubresources? Subresources { get; init; }

    /// <summary>Columns of kubectl get.</summary>
    public IReadOnlyList<CustomResourceColumnDefinition>? AdditionalPrinterColumns { get; init; }

    /// <summary>Fields that field selectors may name.</summary>
    public IReadOnlyList<SelectableField>? SelectableFields { get; init; }
}

/// <summary>Schema of a kind.</summary>
public sealed record CustomResourceValidation
{
    /// <summary>A structural schema.</summary>
    [JsonPropertyName("openAPIV3Schema")]
    public JsonElement? OpenAPIV3Schema { get; init; }
}

/// <summary>Subresources of a kind.</summary>
public sealed record CustomResourceSubresources
{
    /// <summary>An empty object when there is a status subresource.</summary>
    public JsonElement? Status { get; init; }
}

/// <summary>A column of kubectl get.</summary>
public sealed record CustomResourceColumnDefinition
{
    /// <summary>Heading.</summary>
    public required string Name { get; init; }

    /// <summary>string, integer, number, boolean or date.</summary>
    public required string Type { get; init; }

    /// <summary>OpenAPI format.</summary>
    public string? Format { get; init; }

    /// <summary>What it shows.</summary>
    public string? Description { get; init; }

    /// <summary>Above 0: only with -o wide.</summary>
    public int? Priority { get; init; }

    /// <summary>Where the value is.</summary>
    public required string JsonPath { get; init; }
}

/// <summary>A field that field selectors may name.</summary>
public sealed record SelectableField
{
    /// <summary>Where the value is.</summary>
    public required string JsonPath { get; init; }
}

/// <summary>State of a kind.</summary>
public sealed record CustomResourceDefinitionStatus
{
    /// <summary>Established, NamesAccepted …</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}
