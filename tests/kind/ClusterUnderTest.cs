using Weft.Connectivity;
using Weft.Kubernetes;

namespace Weft.Tests.Kind;

/// <summary>The cluster that KUBECONFIG names. It is used by nothing but its API.</summary>
public sealed class ClusterUnderTest : IAsyncLifetime
{
    private readonly List<string> steps = [];
    private KubernetesClient? client;

    /// <summary>Its API; the test is skipped when no cluster is named.</summary>
    public KubernetesClient Client
    {
        get
        {
            Assert.SkipWhen(client is null, "KUBECONFIG is not set: name a cluster that Weft is installed on");
            return client!;
        }
    }

    /// <summary>Every path there is, tried once for all tests.</summary>
    public IReadOnlyList<PathResult> Paths { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBECONFIG")))
        {
            return;
        }

        client = new KubernetesClient(ClusterConnection.FromKubeconfig(), userAgent: "weft-tests-kind");
        Paths = await TryPathsAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Tries every path; what it makes is gone afterwards.</summary>
    public async Task<IReadOnlyList<PathResult>> TryPathsAsync(CancellationToken cancel)
    {
        var image =
            Environment.GetEnvironmentVariable("WEFT_TEST_IMAGE")
            ?? await AgentImage.FindAsync(Client, cancel)
            ?? throw new ConnectivityException(
                "the cluster has no DaemonSet weft-agent whose image could be used: name one that has weft-probe in WEFT_TEST_IMAGE"
            );
        var options = new ConnectivityOptions(
            image,
            Environment.GetEnvironmentVariable("WEFT_TEST_PROBE") ?? AgentImage.Probe
        )
        {
            // Images may have to be pulled, and what was just restarted may take its time.
            StartPatience = TimeSpan.FromMinutes(3),
            PathPatience = TimeSpan.FromSeconds(30),
        };
        return await new ConnectivityTest(Client, options, steps.Add).RunAsync(cancel);
    }

    public ValueTask DisposeAsync()
    {
        client?.Dispose();
        return ValueTask.CompletedTask;
    }
}
