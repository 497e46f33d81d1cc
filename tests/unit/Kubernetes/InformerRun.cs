using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Kubernetes;

/// <summary>An informer of ConfigMaps that follows a scripted server and notes what it raises.</summary>
internal sealed class InformerRun : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly KubernetesClient client;
    private readonly Lock gate = new();
    private readonly List<string> changes = [];
    private Task running = Task.CompletedTask;

    public InformerRun(
        Func<Exchange, Task> answer,
        TimeSpan? watchTimeout = null,
        Func<ConfigMap, ConfigMap>? transform = null
    )
    {
        Server = new ScriptedServer(answer);
        client = Clients.Of(
            Server.Connection,
            watchTimeout is null ? null : Clients.Quick with { WatchGrace = TimeSpan.FromMilliseconds(50) }
        );
        Informer = new Informer<ConfigMap>(
            client,
            Kinds.ConfigMaps,
            new InformerOptions<ConfigMap>
            {
                Indexes = new Dictionary<string, Func<ConfigMap, IEnumerable<string>>>
                {
                    ["namespace"] = obj => [obj.Metadata.Namespace!],
                },
                Transform = transform,
                WatchTimeout = watchTimeout ?? TimeSpan.FromMinutes(5),
            },
            Clients.QuickBackoff
        );
        Informer.Changed += Note;
    }

    public ScriptedServer Server { get; }

    public Informer<ConfigMap> Informer { get; }

    /// <summary>"+name:version", "-name:version" and "name:version->version", in order.</summary>
    public IReadOnlyList<string> Changes
    {
        get
        {
            lock (gate)
            {
                return [.. changes];
            }
        }
    }

    public void Start(CancellationToken cancellation) =>
        running = Task.Run(() => Informer.RunAsync(stopping.Token), cancellation);

    /// <summary>Waits until the cache is of a version.</summary>
    public async Task UntilAsync(string version)
    {
        while (Informer.LastSyncResourceVersion != version)
        {
            Assert.False(running.IsFaulted, running.Exception?.ToString());
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Server.DisposeAsync();
        client.Dispose();
        stopping.Dispose();
    }

    private void Note(Change<ConfigMap> change)
    {
        lock (gate)
        {
            var (key, old, now) = (change.Key.Name, change.Old?.Metadata, change.New?.Metadata);
            changes.Add(
                old is null ? $"+{key}:{now!.ResourceVersion}"
                : now is null ? $"-{key}:{old.ResourceVersion}"
                : $"{key}:{old.ResourceVersion}->{now.ResourceVersion}"
            );
        }
    }
}
