using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weft.Cli.Policies;
using Weft.Datapath;
using Weft.Metrics;

namespace Weft.Tests.Unit.Structure;

/// <summary>What the dashboard shows and the alerts watch is what the programs measure.</summary>
public sealed partial class MonitoringTests
{
    private const string Folder = "charts/weft/monitoring";

    /// <summary>Prometheus' own, and those that it gives what it scrapes.</summary>
    private static readonly string[] OfPrometheus = ["instance", "job", "le"];

    private static readonly Dictionary<string, MetricFamily> Families = MetricsDocumentationTests
        .AgentRegistry()
        .Families.Concat(MetricsDocumentationTests.OperatorRegistry().Families)
        .DistinctBy(family => family.Name)
        .ToDictionary(family => family.Name);

    public static TheoryData<string> Expressions => [.. Alerts().Concat(Panels())];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void An_expression_names_metrics_and_labels_that_there_are(string expression)
    {
        var metrics = Metric().Matches(expression);
        Assert.NotEmpty(metrics);
        foreach (var metric in metrics.Where(metric => metric.Groups["name"].Value != "up"))
        {
            var family = FamilyOf(metric.Groups["name"].Value);
            Assert.Empty(
                Label()
                    .Matches(metric.Groups["labels"].Value)
                    .Select(label => label.Groups[1].Value)
                    .Except(family.Labels)
                    .Except(OfPrometheus)
            );
        }

        var labels = metrics.SelectMany(metric => Known(metric.Groups["name"].Value)).Concat(OfPrometheus);
        Assert.Empty(By().Matches(expression).SelectMany(by => by.Groups[1].Value.Split(", ")).Except(labels));
    }

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Maps_and_reasons_that_an_expression_names_are_there(string expression)
    {
        var limits = Repository.Read("docs/limits.md");
        Assert.All(Named(expression, "map"), map => Assert.Contains($"| `{map}` |", limits, StringComparison.Ordinal));
        Assert.Empty(Named(expression, "reason").Except(DropReasons.All.Select(reason => reason.Name)));
    }

    [Fact]
    public void Every_alert_says_how_bad_it_is_and_what_to_do() =>
        Assert.All(
            Rules(),
            rule =>
            {
                Assert.True(Text(rule["labels"]!["severity"]) is "warning" or "critical");
                Assert.NotEmpty(Text(rule["annotations"]!["summary"]));
                Assert.NotEmpty(Text(rule["annotations"]!["description"]));
            }
        );

    [Fact]
    public void Every_alert_is_documented_and_no_other() =>
        Assert.Equal(
            Rules().Select(rule => Text(rule["alert"])),
            Documented().Matches(Repository.Read("docs/metrics.md")).Select(row => row.Groups[1].Value)
        );

    private static MetricFamily FamilyOf(string name) =>
        Families.TryGetValue(name, out var family) || Families.TryGetValue(OfHistogram().Replace(name, ""), out family)
            ? family
            : throw new KeyNotFoundException($"no program has the metric {name}");

    private static IEnumerable<string> Known(string metric) => metric == "up" ? [] : FamilyOf(metric).Labels;

    /// <summary>What a label is compared with, one by one.</summary>
    private static IEnumerable<string> Named(string expression, string label) =>
        Regex.Matches(expression, $@"\b{label}=~?""([^""]*)""").SelectMany(match => match.Groups[1].Value.Split('|'));

    private static IEnumerable<string> Alerts() => Rules().Select(rule => Text(rule["expr"]));

    private static IEnumerable<JsonNode> Rules()
    {
        using var text = new StringReader(Repository.Read($"{Folder}/alerts.yaml"));
        var document = JsonObject.Create(YamlJson.Read(text).Single()!.Value)!;
        return document["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!);
    }

    private static IEnumerable<string> Panels() =>
        JsonNode.Parse(Repository.Read($"{Folder}/dashboard.json"))!["panels"]!
            .AsArray()
            .SelectMany(panel => panel!["targets"]?.AsArray() ?? [])
            .Select(target => Text(target!["expr"]));

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    [GeneratedRegex(@"(?<name>\b(?:weft|process)_\w+|\bup\b)(?:\{(?<labels>[^}]*)\})?")]
    private static partial Regex Metric();

    [GeneratedRegex(@"(\w+)(?:=~|!~|!=|=)""")]
    private static partial Regex Label();

    [GeneratedRegex(@"\bby \(([^)]*)\)")]
    private static partial Regex By();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex OfHistogram();

    [GeneratedRegex(@"^\| `(Weft\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Documented();
}
