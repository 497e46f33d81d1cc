using System.Globalization;
using System.Text.RegularExpressions;

namespace Weft.Lab.ApiServer.Kinds;

/// <summary>
/// API versions by priority (the greater is preferred): v2, v1, v2beta1, v1beta2, v1alpha1, then everything that is not
/// of this form, by the alphabet. The rule is that of versions in CustomResourceDefinitions.
/// </summary>
internal sealed partial class VersionOrder : IComparer<string>
{
    public static readonly VersionOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Rank(x!), Rank(y!));
        return left == right ? string.CompareOrdinal(y, x) : left.CompareTo(right);
    }

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        var match = Form().Match(version);
        if (!match.Success)
        {
            return (-1, 0, 0);
        }

        var stability = match.Groups[2].Value switch
        {
            "" => 2,
            "beta" => 1,
            _ => 0,
        };
        return (stability, Number(match.Groups[1]), Number(match.Groups[3]));
    }

    private static int Number(Group group) =>
        int.TryParse(group.ValueSpan, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex("^v([0-9]+)(?:(alpha|beta)([0-9]+))?$")]
    private static partial Regex Form();
}
