namespace Weft.Kubernetes;

/// <summary>What to list.</summary>
public sealed record ListOptions
{
    /// <summary>Namespace; null: all of them.</summary>
    public string? Namespace { get; init; }

    /// <summary>Label selector such as "app=web,tier!=db".</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Field selector such as "spec.nodeName=n1".</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Most objects of a page; null: all.</summary>
    public int? Limit { get; init; }

    /// <summary>Token of the page before.</summary>
    public string? Continue { get; init; }

    /// <summary>Version to read at; null: the newest, "0": any, which the server has in memory.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>NotOlderThan or Exact.</summary>
    public string? ResourceVersionMatch { get; init; }
}
