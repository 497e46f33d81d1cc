using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Selectors;

/// <summary>A label selector in its text form: `a=b,c!=d,e in (f,g),h,!i,j>1`.</summary>
internal sealed class LabelSelector
{
    private readonly List<Requirement> requirements;

    private LabelSelector(List<Requirement> requirements) => this.requirements = requirements;

    public static LabelSelector Everything { get; } = new([]);

    public bool IsEverything => requirements.Count == 0;

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    /// <exception cref="StatusException">It cannot be parsed.</exception>
    public static LabelSelector Parse(string? text) =>
        string.IsNullOrWhiteSpace(text) ? Everything : new([.. new LabelSelectorParser(text).Parse()]);
}

internal enum Operator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// <summary>One requirement of a label selector.</summary>
internal sealed record Requirement(string Key, Operator Operator, IReadOnlyList<string> Values)
{
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var has = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            Operator.In => has && Values.Contains(value),
            Operator.NotIn => !has || !Values.Contains(value),
            Operator.Exists => has,
            Operator.DoesNotExist => !has,
            Operator.GreaterThan => has && Compare(value!) > 0,
            _ => has && Compare(value!) < 0,
        };
    }

    private int Compare(string value) =>
        long.TryParse(value, out var left) && long.TryParse(Values[0], out var right) ? left.CompareTo(right) : 0;
}
