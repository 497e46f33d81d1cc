using Weft.Kubernetes.Objects;

namespace Weft.Policy.Rules;

/// <summary>What the engine needs of a label selector beside matching.</summary>
internal static class Selectors
{
    /// <summary>The same text for selectors that are written the same, in whatever order; null for none.</summary>
    public static string? Canonical(LabelSelector? selector)
    {
        if (selector is null)
        {
            return null;
        }

        var labels = (selector.MatchLabels ?? new Dictionary<string, string>()).Select(label =>
            $"{label.Key}={label.Value}"
        );
        var expressions = (selector.MatchExpressions ?? []).Select(e =>
            $"{e.Key} {e.Operator} {string.Join(',', (e.Values ?? []).Order(StringComparer.Ordinal))}"
        );
        return string.Join(';', labels.Concat(expressions).Order(StringComparer.Ordinal));
    }

    /// <summary>What the API server would refuse in it, or null.</summary>
    public static string? ProblemOf(LabelSelector? selector)
    {
        foreach (var expression in selector?.MatchExpressions ?? [])
        {
            var count = expression.Values?.Count ?? 0;
            switch (expression.Operator)
            {
                case "In" or "NotIn" when count == 0:
                    return $"{expression.Operator} of \"{expression.Key}\" needs values";
                case "Exists" or "DoesNotExist" when count > 0:
                    return $"{expression.Operator} of \"{expression.Key}\" takes no values";
                case "In" or "NotIn" or "Exists" or "DoesNotExist":
                    break;
                default:
                    return $"\"{expression.Operator}\" is not one of In, NotIn, Exists, DoesNotExist";
            }
        }

        return null;
    }
}
