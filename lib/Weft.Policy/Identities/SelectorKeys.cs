using Weft.Kubernetes.Objects;

namespace Weft.Policy.Identities;

/// <summary>Keys that label selectors name.</summary>
internal static class SelectorKeys
{
    /// <summary>Every key, whatever is asked of it.</summary>
    public static IEnumerable<string> Of(LabelSelector? selector) =>
        (selector?.MatchLabels?.Keys ?? []).Concat(
            selector?.MatchExpressions?.Select(expression => expression.Key) ?? []
        );
}
