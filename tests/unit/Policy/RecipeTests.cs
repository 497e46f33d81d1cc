using System.Text.Json;
using System.Text.RegularExpressions;
using Weft.Cli.Policies;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy.Checks;
using Weft.Policy.Explanations;
using Weft.Policy.Rules;

namespace Weft.Tests.Unit.Policy;

/// <summary>The recipes of docs/policy.md do what their tables say, and `weft policy check` finds nothing in them.</summary>
public sealed partial class RecipeTests
{
    private static readonly Dictionary<string, ConnectionEnd> Ends = new()
    {
        ["shop/web"] = Pod("shop/web", "10.244.1.2", "app", "web"),
        ["shop/db"] = Pod("shop/db", "10.244.1.3", "app", "db"),
        ["shop/tool"] = Pod("shop/tool", "10.244.1.4"),
        ["ops/monitor"] = Pod("ops/monitor", "10.244.2.2", "app", "monitor"),
        ["kube-system/dns"] = Pod("kube-system/dns", "10.244.2.3", "k8s-app", "kube-dns"),
        ["world"] = new("world", [Ip.Parse("203.0.113.7")]),
    };

    public static TheoryData<string> Recipes =>
        [.. Sections().Select(section => section[..section.IndexOf('\n', StringComparison.Ordinal)])];

    [Theory]
    [MemberData(nameof(Recipes))]
    public void A_recipe_does_what_its_table_says(string name)
    {
        var recipe = Assert.Single(Sections(), section => section.StartsWith(name + '\n', StringComparison.Ordinal));
        var manifests = Manifests(recipe);
        Assert.Empty(ManifestCheck.Of(manifests));
        List<NetworkPolicy> policies =
        [
            .. manifests.Select(manifest => manifest.Json.Deserialize(ObjectsJson.Default.NetworkPolicy)!),
        ];
        var rows = Row().Matches(recipe);
        Assert.True(rows.Count > 1);
        foreach (var row in rows.ToList())
        {
            var explained = Explanation.Of(
                policies,
                Ends[row.Groups["from"].Value],
                Ends[row.Groups["to"].Value],
                Transports.Parse(row.Groups["protocol"].Value)!.Value,
                ushort.Parse(row.Groups["port"].Value, null)
            );
            Assert.True(Assert.Single(explained).Passes == (row.Groups["passes"].Value == "yes"), row.Value);
        }
    }

    private static IEnumerable<string> Sections() =>
        Repository
            .Read("docs/policy.md")
            .Split("\n## ")
            .Single(part => part.StartsWith("Recipes", StringComparison.Ordinal))
            .Split("\n### ")
            .Skip(1);

    private static List<Manifest> Manifests(string recipe)
    {
        using var yaml = new StringReader(Example().Match(recipe).Groups[1].Value);
        return [.. YamlJson.Read(yaml).Select(document => new Manifest("docs/policy.md", document!.Value))];
    }

    private static ConnectionEnd Pod(string name, string address, string? label = null, string? value = null)
    {
        var space = name.Split('/')[0];
        return new ConnectionEnd(
            name,
            [Ip.Parse(address)],
            new Pod
            {
                Metadata = new ObjectMeta
                {
                    Namespace = space,
                    Name = name.Split('/')[1],
                    Labels = label is null ? null : new Dictionary<string, string> { [label] = value! },
                },
                Status = new PodStatus { HostIP = "192.0.2.11" },
            },
            new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = space }
        );
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(
        @"^\| `(?<from>[^`]+)` \| `(?<to>[^`]+)` \| (?<port>\d+)/(?<protocol>\w+) \| (?<passes>yes|no) \|$",
        RegexOptions.Multiline
    )]
    private static partial Regex Row();
}
