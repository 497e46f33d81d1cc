using System.Globalization;
using Weft.Tests.EndToEnd.Datapath;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Faults;

/// <summary>
/// Operator and agents reach the API server through a proxy that misbehaves, while pods come, go and change. What they
/// say and write in the end is held against the pods themselves.
/// </summary>
[Collection(typeof(MachineWide))]
public sealed class FaultTests
{
    /// <summary>For how long the API server is away; the promise is for five minutes, 300.</summary>
    private const string AwaySeconds = "WEFT_TEST_AWAY_SECONDS";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan Away = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable(AwaySeconds) ?? "20", CultureInfo.InvariantCulture)
    );

    // An address rests for a minute before another pod gets it: a node's 254 do not last for more than four pods a second.
    private static readonly TimeSpan BetweenPods = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Whatever_requests_and_watches_meet_everything_becomes_what_the_pods_are()
    {
        await using var cluster = await ClusterBehindProxy.StartAsync();
        cluster.Proxy.Become(Weather.Foul);
        for (var round = 0; round < 8; round++)
        {
            await cluster.RunPodAsync($"p{round}", node: 1 + (round % 2), app: $"app{round % 5}");
            if (round % 3 == 2)
            {
                await cluster.DeletePodAsync($"p{round - 2}");
                await cluster.RelabelAsync($"p{round - 1}", app: $"other{round}");
            }
        }

        // Those that foul weather has not met are met by what goes on meanwhile: watches that end, leases, a policy.
        Traffic.Eventually("every kind of fault was met", Patience, () => cluster.Proxy.Met.Count == 11);
        cluster.Proxy.Become(Weather.Fair);
        Converged(cluster);
    }

    [Fact]
    public async Task While_the_API_server_is_away_pods_come_and_go_and_all_is_right_when_it_is_back()
    {
        await using var cluster = await ClusterBehindProxy.StartAsync();
        await cluster.RunPodAsync("a", node: 1, app: "app0");
        await cluster.RunPodAsync("b", node: 2, app: "app1");
        await cluster.RunPodAsync("c", node: 1, app: "app1");
        Converged(cluster);

        cluster.Proxy.Become(Weather.Away);
        using (var end = new CancellationTokenSource(Away))
        {
            await cluster.RunPodAsync("while-away", node: 2, app: "app0");
            await cluster.RunPodAsync("while-away-new", node: 1, app: "nobody-had-it");
            await cluster.RelabelAsync("b", app: "other");
            await cluster.DeletePodAsync("c");
            cluster.Lab.Weft("matrix").Succeeded();
            for (var round = 0; !end.IsCancellationRequested; round++)
            {
                await cluster.RunPodAsync($"churn{round}", node: 1 + (round % 2), app: $"app{round % 3}");
                if (round > 1)
                {
                    await cluster.DeletePodAsync($"churn{round - 2}");
                }

                await Task.Delay(BetweenPods, TestContext.Current.CancellationToken);
            }
        }

        cluster.Proxy.Become(Weather.Fair);
        Converged(cluster);
    }

    private static void Converged(ClusterBehindProxy cluster)
    {
        IReadOnlyList<string> differences = [];
        try
        {
            Traffic.Eventually(
                "identities, slices and peers are what the pods are",
                Patience,
                () => (differences = cluster.Differences()).Count == 0
            );
        }
        catch (Xunit.Sdk.TrueException e)
        {
            Assert.Fail($"{e.Message}\n{string.Join('\n', differences)}");
        }

        cluster.AssertNothingIsDoubled();
    }
}
