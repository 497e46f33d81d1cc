using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Schemas;

/// <summary>How the elements of a list are told apart: <c>x-kubernetes-list-type</c>.</summary>
public enum ListType
{
    /// <summary>The list is one value.</summary>
    Atomic,

    /// <summary>Scalars, each there once.</summary>
    Set,

    /// <summary>Objects told apart by their <see cref="KindSchema.ListKeys"/>.</summary>
    Map,
}

/// <summary>One node of a structural schema, of a built-in kind or of a CustomResourceDefinition; the root is a kind's schema.</summary>
public sealed record KindSchema
{
    private static readonly ReadOnlyDictionary<string, KindSchema> NoProperties = ReadOnlyDictionary<
        string,
        KindSchema
    >.Empty;

    /// <summary>object, array, string, integer, number or boolean; null takes every value.</summary>
    public string? Type { get; init; }

    /// <summary>The declared fields of an object.</summary>
    public IReadOnlyDictionary<string, KindSchema> Properties { get; init; } = NoProperties;

    /// <summary>The values of an object used as a map.</summary>
    public KindSchema? AdditionalProperties { get; init; }

    /// <summary>The elements of a list.</summary>
    public KindSchema? Items { get; init; }

    /// <summary><c>x-kubernetes-list-type</c>.</summary>
    public ListType ListType { get; init; }

    /// <summary><c>x-kubernetes-list-map-keys</c>.</summary>
    public IReadOnlyList<string> ListKeys { get; init; } = [];

    /// <summary><c>x-kubernetes-map-type: atomic</c>.</summary>
    public bool AtomicMap { get; init; }

    /// <summary><c>x-kubernetes-preserve-unknown-fields</c>.</summary>
    public bool PreserveUnknown { get; init; }

    /// <summary><c>x-kubernetes-int-or-string</c>.</summary>
    public bool IntOrString { get; init; }

    /// <summary><c>x-kubernetes-embedded-resource</c>.</summary>
    public bool Embedded { get; init; }

    /// <summary>Whether null is a value of its own.</summary>
    public bool Nullable { get; init; }

    /// <summary>Fields that must be there.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>The value an absent field gets.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>Of a built-in kind: the value an empty field is written with, as its type in the real server holds it by value.</summary>
    public JsonNode? Zero { get; init; }

    /// <summary>Of a built-in kind: an unset field is written as null.</summary>
    public bool ZeroIsNull { get; init; }

    /// <summary>Strategic merge: the elements of two lists (or maps) are merged, not replaced.</summary>
    public bool PatchMerge { get; init; }

    /// <summary>Strategic merge: the field that tells the elements of a list apart; null for a list of scalars.</summary>
    public string? PatchMergeKey { get; init; }

    /// <summary>Strategic merge: <c>$retainKeys</c> names the fields that stay.</summary>
    public bool PatchRetainKeys { get; init; }

    /// <summary>The name of a built-in type in OpenAPI documents, such as io.k8s.api.core.v1.Pod.</summary>
    public string? TypeName { get; init; }

    /// <summary>int32, date-time, ip, ….</summary>
    public string? Format { get; init; }

    /// <summary>The bounds of values; null where there are none.</summary>
    public Bounds? Bounds { get; init; }

    /// <summary>Schemas that all, any, exactly one or none must hold.</summary>
    public Combinations? Combinations { get; init; }

    /// <summary><c>x-kubernetes-validations</c>.</summary>
    public IReadOnlyList<Rule> Rules { get; init; } = [];

    /// <summary>What <c>kubectl explain</c> prints.</summary>
    public string? Description { get; init; }

    /// <summary>Of a root: the kind has a status subresource.</summary>
    public bool HasStatus { get; init; }

    /// <summary>The schema of one entry of a CustomResourceDefinition's spec.versions; null when it has none.</summary>
    public static KindSchema? OfVersion(JsonObject version) => CustomSchema.OfVersion(version);

    /// <summary>The schema of a built-in kind; null for a kind that is not.</summary>
    public static KindSchema? OfBuiltIn(string apiVersion, string kind) => BuiltIn.BuiltInTypes.Find(apiVersion, kind);

    /// <summary>The schema of a member of an object; null when nothing is known of it.</summary>
    public KindSchema? Member(string name) =>
        Properties.TryGetValue(name, out var field) ? field : AdditionalProperties;

    /// <summary>By reference: the schemas of recursive types contain themselves.</summary>
    public bool Equals(KindSchema? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    /// <inheritdoc/>
    public override string ToString() => TypeName ?? Type ?? "any";
}

/// <summary>What JSON Schema bounds a value with.</summary>
public sealed record Bounds
{
    /// <summary>The values allowed.</summary>
    public IReadOnlyList<JsonNode?>? Enum { get; init; }

    /// <summary>A regular expression that must match somewhere in a string.</summary>
    public string? Pattern { get; init; }

    /// <summary>Smallest number.</summary>
    public decimal? Minimum { get; init; }

    /// <summary>Largest number.</summary>
    public decimal? Maximum { get; init; }

    /// <summary>The smallest number is not itself allowed.</summary>
    public bool ExclusiveMinimum { get; init; }

    /// <summary>The largest number is not itself allowed.</summary>
    public bool ExclusiveMaximum { get; init; }

    /// <summary>Numbers are multiples of this.</summary>
    public decimal? MultipleOf { get; init; }

    /// <summary>Characters of a string.</summary>
    public long? MinLength { get; init; }

    /// <summary>Characters of a string.</summary>
    public long? MaxLength { get; init; }

    /// <summary>Elements of a list.</summary>
    public long? MinItems { get; init; }

    /// <summary>Elements of a list.</summary>
    public long? MaxItems { get; init; }

    /// <summary>No two elements are equal.</summary>
    public bool UniqueItems { get; init; }

    /// <summary>Members of a map.</summary>
    public long? MinProperties { get; init; }

    /// <summary>Members of a map.</summary>
    public long? MaxProperties { get; init; }
}

/// <summary>Schemas that a value must hold together with others.</summary>
public sealed record Combinations(
    IReadOnlyList<KindSchema> AllOf,
    IReadOnlyList<KindSchema> AnyOf,
    IReadOnlyList<KindSchema> OneOf,
    KindSchema? Not
);

/// <summary>One rule of <c>x-kubernetes-validations</c>.</summary>
public sealed record Rule(
    string Expression,
    string? Message,
    string? MessageExpression,
    string? Reason,
    string? FieldPath,
    bool OptionalOldSelf
);
