using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Kinds;

/// <summary>One resource as it is served under one group and version. Everything the server knows of it is here.</summary>
/// <param name="Group">API group; empty for the core one.</param>
/// <param name="Version">Version it is served under.</param>
/// <param name="Plural">Name in paths.</param>
/// <param name="Name">The kind, as in documents.</param>
/// <param name="Namespaced">Whether objects are in namespaces.</param>
internal sealed record Kind(string Group, string Version, string Plural, string Name, bool Namespaced)
{
    /// <summary>Where its objects are kept. Versions of one resource, and views of another one, share it.</summary>
    public string Collection { get; init; } = Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public string Singular { get; init; } = Name.ToLowerInvariant();

    public string ListName { get; init; } = $"{Name}List";

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>`status` is written through its subresource only, and nothing else is written through that.</summary>
    public bool HasStatus { get; init; }

    /// <summary>A new object may bring its status: kubelets register nodes so.</summary>
    public bool TakesStatusAtCreation { get; init; }

    /// <summary>Where the scale subresource finds its fields, or null without one.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>Subresources with a body of another kind, which only take POST: name to kind.</summary>
    public IReadOnlyDictionary<string, Creation> Creations { get; init; } = new Dictionary<string, Creation>();

    /// <summary>`metadata.generation` counts the changes to all but metadata and status.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Namespaces cannot be deleted by the collection.</summary>
    public bool HasDeleteCollection { get; init; } = true;

    /// <summary>PUT without a resourceVersion overwrites whatever is there.</summary>
    public bool AllowsUnconditionalUpdate { get; init; } = true;

    /// <summary>PUT of a name that is not there makes it.</summary>
    public bool AllowsCreateOnUpdate { get; init; }

    /// <summary>DELETE answers with the object that is gone instead of a Status.</summary>
    public bool ReturnsDeleted { get; init; }

    /// <summary>Fields that can be selected besides the object's name and namespace: label to path in the document.</summary>
    public IReadOnlyDictionary<string, string> SelectableFields { get; init; } = new Dictionary<string, string>();

    /// <summary>The grammar of its names.</summary>
    public NameRule NameRule { get; init; } = NameRule.Subdomain;

    /// <summary>The definition it is served for, or null for a built-in kind.</summary>
    public JsonObject? Definition { get; init; }

    /// <summary>additionalPrinterColumns of its definition's version.</summary>
    public JsonArray? PrinterColumns { get; init; }

    /// <summary>Its fields, for pruning, merging, defaults and validation; null when there are none to go by.</summary>
    public KindSchema? Schema { get; init; }

    /// <summary>Names of top-level fields here to their names in the stored document, for a kind that is a view.</summary>
    public IReadOnlyDictionary<string, string>? ViewOf { get; init; }

    public bool IsCustom => Definition is not null;

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As in messages: `deployments.apps`.</summary>
    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>As in messages: `Deployment.apps`.</summary>
    public string QualifiedName => Group.Length == 0 ? Name : $"{Name}.{Group}";
}

/// <summary>A subresource that is posted to.</summary>
internal sealed record Creation(string Group, string Version, string Kind);

/// <summary>Dotted paths of what the scale subresource shows and changes.</summary>
/// <param name="Replicas">Wanted replicas.</param>
/// <param name="StatusReplicas">Replicas there are.</param>
/// <param name="Selector">A label selector, an object or its text; null when there is none.</param>
internal sealed record ScalePaths(string Replicas, string StatusReplicas, string? Selector);

/// <summary>The grammars of names there are.</summary>
internal enum NameRule
{
    /// <summary>RFC 1123 subdomain: dots are allowed.</summary>
    Subdomain,

    /// <summary>RFC 1123 label.</summary>
    Label,

    /// <summary>RFC 1035 label: begins with a letter.</summary>
    ServiceLabel,
}
