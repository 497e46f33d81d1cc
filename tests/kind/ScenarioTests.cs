using Weft.Connectivity;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Tests.Kind;

/// <summary>What must hold on every cluster that Weft is installed on.</summary>
public sealed class ScenarioTests(ClusterUnderTest cluster) : IClassFixture<ClusterUnderTest>
{
    private const string Agents = "app.kubernetes.io/name=weft-agent";

    [Fact]
    public async Task Every_node_has_an_agent_that_serves()
    {
        var cancel = TestContext.Current.CancellationToken;
        var nodes = await cluster.Client.ListAsync(Kinds.Nodes, new ListOptions(), cancel);
        var ready = (await cluster.Client.ListAsync(WeftResources.Nodes, new ListOptions(), cancel)).Items!.Where(
            node => node.Status?.Conditions?.Any(c => c is { Type: WeftNodeStatus.Ready, Status: "True" }) == true
        );
        Assert.Equal(
            nodes.Items!.Select(node => node.Metadata.Name).Order(),
            ready.Select(node => node.Metadata.Name).Order()
        );
    }

    [Theory]
    [InlineData(Scenario.Pods)]
    [InlineData(Scenario.Hosts)]
    [InlineData(Scenario.Services)]
    [InlineData(Scenario.Policies)]
    [InlineData(Scenario.Dns)]
    public void Paths_are_as_they_should_be(Scenario scenario)
    {
        _ = cluster.Client;
        var paths = cluster.Paths.Where(path => path.Scenario == scenario).ToList();
        Assert.SkipWhen(
            paths.TrueForAll(path => path.Outcome == PathOutcome.Skipped),
            string.Join("; ", paths.Select(path => path.Problem))
        );
        AllPassed(paths);
    }

    [Fact]
    public async Task Paths_work_after_all_agents_were_restarted_at_once()
    {
        var cancel = TestContext.Current.CancellationToken;
        var pods = await cluster.Client.ListAsync(Kinds.Pods, new ListOptions { LabelSelector = Agents }, cancel);
        Assert.SkipWhen(
            pods.Items is not { Count: > 0 },
            "agents are no pods in this cluster, so the API restarts none"
        );
        foreach (var pod in pods.Items!)
        {
            await cluster.Client.DeleteAsync(Kinds.Pods, ObjectKey.Of(pod), null, cancel);
        }

        AllPassed(await cluster.TryPathsAsync(cancel));
    }

    [Fact]
    public async Task A_test_leaves_no_namespace_behind()
    {
        await cluster.TryPathsAsync(TestContext.Current.CancellationToken);
        var left = await cluster.Client.ListAsync(
            Kinds.Namespaces,
            new ListOptions { LabelSelector = "app.kubernetes.io/name=weft-connectivity" },
            TestContext.Current.CancellationToken
        );
        Assert.Empty(left.Items ?? []);
    }

    private static void AllPassed(IReadOnlyList<PathResult> paths)
    {
        Assert.NotEmpty(paths);
        Assert.DoesNotContain(paths, path => path.Outcome == PathOutcome.Failed);
    }
}
