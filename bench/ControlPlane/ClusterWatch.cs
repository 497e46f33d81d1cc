using System.Collections.Concurrent;
using System.Diagnostics;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Bench.ControlPlane;

/// <summary>What the cluster's API server says, as it comes, with the time at which an identity or a leader was seen.</summary>
internal sealed class ClusterWatch : IDisposable
{
    /// <summary>The key that the bench's policy names, so that every value of it is an identity.</summary>
    public const string Label = "app";

    private const string LeaseName = "weft-operator";
    private readonly CancellationTokenSource ending;
    private readonly Task running;
    private readonly ConcurrentDictionary<(string Namespace, string App), Seen> identities = new();

    public ClusterWatch(KubernetesClient client, CancellationToken cancel)
    {
        ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Nodes = new(client, WeftResources.Nodes);
        Slices = new(client, WeftResources.EndpointSlices);
        Leases = new(client, Kinds.Leases, new() { FieldSelector = $"metadata.name={LeaseName}" });
        var all = new Informer<WeftIdentity>(client, WeftResources.Identities);
        all.Changed += Take;
        running = Task.WhenAll(
            Nodes.RunAsync(ending.Token),
            Slices.RunAsync(ending.Token),
            Leases.RunAsync(ending.Token),
            all.RunAsync(ending.Token)
        );
    }

    public Informer<WeftNode> Nodes { get; }

    public Informer<WeftEndpointSlice> Slices { get; }

    public Informer<Lease> Leases { get; }

    /// <summary>The one that leads; null while none does.</summary>
    public string? Leader =>
        Leases.List().Select(lease => lease.Spec?.HolderIdentity).FirstOrDefault(h => h is { Length: > 0 });

    /// <summary>Ends when the identity is there: its number, and when it was seen (<see cref="Stopwatch"/>).</summary>
    public Task<(uint Id, long At)> IdentityAsync(string ns, string app, CancellationToken cancel) =>
        Of(ns, app).Task.WaitAsync(cancel);

    public void Dispose()
    {
        ending.Cancel();
        running.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        ending.Dispose();
    }

    private void Take(Change<WeftIdentity> change)
    {
        var at = Stopwatch.GetTimestamp();
        if (change.New?.Spec is { Labels: { } labels } spec && labels.TryGetValue(Label, out var app))
        {
            Of(spec.Namespace, app).TrySetResult((spec.Id, at));
        }
    }

    private Seen Of(string ns, string app) => identities.GetOrAdd((ns, app), static _ => new Seen());

    private sealed class Seen()
        : TaskCompletionSource<(uint Id, long At)>(TaskCreationOptions.RunContinuationsAsynchronously);
}
