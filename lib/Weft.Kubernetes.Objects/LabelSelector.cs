namespace Weft.Kubernetes.Objects;

/// <summary>
/// metav1.LabelSelector. An empty one selects everything; an absent one is for its user to judge (most select nothing).
/// </summary>
public sealed record LabelSelector
{
    /// <summary>Labels that must have these values.</summary>
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    /// <summary>Expressions, all of which must hold.</summary>
    public IReadOnlyList<LabelSelectorRequirement>? MatchExpressions { get; init; }

    /// <summary>Whether an object with these labels is selected.</summary>
    public bool Matches(IReadOnlyDictionary<string, string>? labels) =>
        (MatchLabels is null || MatchLabels.All(wanted => ValueOf(labels, wanted.Key) == wanted.Value))
        && (MatchExpressions is null || MatchExpressions.All(wanted => wanted.Matches(labels)));

    internal static string? ValueOf(IReadOnlyDictionary<string, string>? labels, string key) =>
        labels is not null && labels.TryGetValue(key, out var value) ? value : null;
}

/// <summary>metav1.LabelSelectorRequirement.</summary>
public sealed record LabelSelectorRequirement
{
    /// <summary>Label key.</summary>
    public required string Key { get; init; }

    /// <summary>In, NotIn, Exists or DoesNotExist.</summary>
    public required string Operator { get; init; }

    /// <summary>Values of In and NotIn.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>
    /// Whether an object with these labels fulfils it. NotIn holds for an object without the label; an operator that is
    /// not known holds for none.
    /// </summary>
    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        var value = LabelSelector.ValueOf(labels, Key);
        return Operator switch
        {
            "In" => value is not null && Values?.Contains(value) == true,
            "NotIn" => value is null || Values?.Contains(value) != true,
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            _ => false,
        };
    }
}
