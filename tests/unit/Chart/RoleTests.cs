using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Weft.Tests.Unit.Chart;

/// <summary>docs/install.md lists what the roles allow, and nothing else.</summary>
public sealed partial class RoleTests
{
    [Theory]
    [InlineData("agent")]
    [InlineData("operator")]
    public void What_a_role_allows_is_documented_and_nothing_else(string component) =>
        Assert.Equal(
            Documented(component).Order(StringComparer.Ordinal),
            Allowed(component).Order(StringComparer.Ordinal)
        );

    private static IEnumerable<string> Allowed(string component) =>
        WeftChart
            .Objects(WeftChart.Values)
            .Where(obj =>
                Text(obj["kind"]) is "ClusterRole" or "Role" && Text(obj["metadata"]!["name"]) == $"weft-{component}"
            )
            .SelectMany(role => role["rules"]!.AsArray())
            .SelectMany(rule => Texts(rule!["resources"]).Select(resource => Line(rule, resource)));

    private static string Line(JsonNode rule, string resource)
    {
        var group = Assert.Single(Texts(rule["apiGroups"]));
        var parts = resource.Split('/');
        var name = group.Length == 0 ? parts[0] : $"{parts[0]}.{group}";
        return $"{string.Join('/', [name, .. parts[1..]])}: {string.Join(", ", Texts(rule["verbs"]))}";
    }

    private static IEnumerable<string> Documented(string component) =>
        Row()
            .Matches(Repository.Read("docs/install.md"))
            .Where(row => row.Groups[1].Value == component)
            .Select(row => $"{row.Groups[2].Value}: {row.Groups[3].Value}");

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(Text);

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    [GeneratedRegex(@"^\| (agent|operator) \| `([^`]+)`[^|]* \| ([a-z, ]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
