using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent.Metrics;
using Weft.Kubernetes;
using Weft.Metrics;
using Weft.Operator;
using Weft.Operator.Configuration;
using Weft.Operator.Metrics;

namespace Weft.Tests.Unit.Structure;

/// <summary>docs/metrics.md lists the metrics that the programs have, with their types and labels, and no others.</summary>
public sealed partial class MetricsDocumentationTests
{
    [Fact]
    public void Every_metric_of_the_agent_is_documented_and_no_other() =>
        Assert.Equal(Rows(AgentRegistry()), Documented("## The agent"));

    [Fact]
    public void Every_metric_of_the_operator_is_documented_and_no_other() =>
        Assert.Equal(Rows(OperatorRegistry()), Documented("## The operator"));

    [Fact]
    public void Every_metric_says_its_unit_where_it_has_one() =>
        Assert.All(
            AgentRegistry().Families.Concat(OperatorRegistry().Families),
            family =>
                Assert.True(
                    family.Type != MetricType.Histogram || family.Name.EndsWith("_seconds", StringComparison.Ordinal)
                )
        );

    /// <summary>All the agent has.</summary>
    internal static Registry AgentRegistry()
    {
        var metrics = new AgentMetrics();
        new NodeReadings(
            () => null,
            () => 0,
            () => [],
            () => [],
            () => [],
            () => [],
            _ => false,
            () => null,
            () => null,
            () => null
        ).Register(metrics.Registry);
        return metrics.Registry;
    }

    /// <summary>All the operator has.</summary>
    internal static Registry OperatorRegistry()
    {
        var metrics = new OperatorMetrics();
        using var client = new KubernetesClient(new ClusterConnection { Server = new Uri("http://127.0.0.1:1") });
        var events = new EventRecorder(client, "test", "test");
        using var loops = new ControlLoops(client, ConfigFile.Read(null), events, metrics, NullLogger.Instance);
        metrics.Leads(() => false);
        return metrics.Registry;
    }

    private static IEnumerable<string> Rows(Registry registry) =>
        registry
            .Families.Where(family => !family.Name.StartsWith("process_", StringComparison.Ordinal))
            .Select(family =>
                $"{family.Name} {family.Type.ToString().ToLowerInvariant()} {string.Join(", ", family.Labels.Select(label => $"`{label}`"))}".Trim()
            )
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Documented(string heading) =>
        Repository
            .Read("docs/metrics.md")
            .Split('\n')
            .SkipWhile(line => line != heading)
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Select(line => Row().Match(line))
            .Where(row => row.Success)
            .Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value} {row.Groups[3].Value.Trim()}".Trim())
            .Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^\| `(\w+)` \| (\w+) \|([^|]*)\|")]
    private static partial Regex Row();
}
