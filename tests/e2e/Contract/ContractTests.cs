using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>Our client on a server, with a namespace of the test's own.</summary>
public abstract class ContractTests(ControlPlane cluster) : IAsyncLifetime
{
    /// <summary>For everything a test waits for; much more than it takes.</summary>
    private readonly CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken
    );

    protected string Namespace { get; } = $"weft-test-{Guid.NewGuid():N}";

    protected KubernetesClient Client { get; private set; } = null!;

    protected CancellationToken Cancellation => patience.Token;

    public virtual async ValueTask InitializeAsync()
    {
        cluster.SkipUnlessThere();
        cluster.SkipUnlessThere();
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        Client = new KubernetesClient(ClusterConnection.FromKubeconfig(cluster.Kubeconfig), userAgent: "weft-test/1");
        var meta = new ObjectMeta { Name = Namespace };
        await Client.CreateAsync(Kinds.Namespaces, new Namespace { Metadata = meta }, Cancellation);
    }

    public ValueTask DisposeAsync()
    {
        // Null when the test was skipped.
        Client?.Dispose();
        patience.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected ObjectKey Key(string name) => new(Namespace, name);

    /// <summary>A config map, the simplest kind there is: one text, and a label to select it by.</summary>
    protected ConfigMap Map(string name, string text = "1", string label = "a") =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = Namespace,
                Name = name,
                Labels = new Dictionary<string, string> { ["label"] = label },
            },
            Data = new Dictionary<string, string> { ["text"] = text },
        };

    protected Task<ConfigMap> CreateAsync(ConfigMap map) => Client.CreateAsync(Kinds.ConfigMaps, map, Cancellation);

    protected Task<ConfigMap> ReplaceAsync(ConfigMap map) => Client.ReplaceAsync(Kinds.ConfigMaps, map, Cancellation);

    protected Task DeleteAsync(string name) => Client.DeleteAsync(Kinds.ConfigMaps, Key(name), null, Cancellation);

    /// <summary>Runs something that the server refuses.</summary>
    protected static Task<KubernetesException> RefusedAsync(Func<Task> request) =>
        Assert.ThrowsAsync<KubernetesException>(request);

    protected async Task EventuallyAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(50, Cancellation);
        }
    }
}
