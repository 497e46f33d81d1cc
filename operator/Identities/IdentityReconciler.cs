using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Operator.Configuration;
using Weft.Operator.Metrics;
using Weft.Policy.Identities;
using Weft.Resources;

namespace Weft.Operator.Identities;

/// <summary>
/// Makes the identities that pods need, as soon as the pods are there, and removes those that nobody has had for the
/// grace period. A policy that names a new key splits identities: the new ones are made here, agents move their
/// endpoints to them, and the old ones stay for as long as a slice names them.
/// </summary>
internal sealed partial class IdentityReconciler : IDisposable
{
    private const int Workers = 8;
    private static readonly TimeSpan WhenFull = TimeSpan.FromMinutes(1);
    private readonly KubernetesClient client;
    private readonly Watches watches;
    private readonly OperatorMetrics metrics;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly IdentityState state;
    private readonly PolicyKeyHistory history = new();
    private readonly Dictionary<string, long> waitingSince = [];
    private readonly WorkQueue<string> queue = new();
    private readonly ReconcileLoop<string> loop;
    private readonly Channel<bool> policiesChanged = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    public IdentityReconciler(
        KubernetesClient client,
        Watches watches,
        OperatorSettings settings,
        OperatorMetrics metrics,
        ILogger logger
    )
    {
        this.client = client;
        this.watches = watches;
        this.metrics = metrics;
        this.logger = logger;
        state = new IdentityState(settings.IdentityGrace);
        loop = new ReconcileLoop<string>("identities", queue, ReconcileAsync, metrics, logger);
        metrics.Pending("identities", () => queue.Count);
        metrics.Gauge("weft_operator_identities", "Identities there are.", () => Read(state => state.Count));
        metrics.Gauge(
            "weft_operator_identities_wanted",
            "Identities that pods need.",
            () => Read(state => state.Wanted)
        );
        metrics.Gauge("weft_operator_pods", "Pods that have an identity.", () => Read(state => state.Pods));
        watches.Pods.Changed += change => Follow(state => state.Follow(change.Key, change.New));
        watches.Namespaces.Changed += change => Follow(state => state.Follow(change.Key, change.New));
        watches.Identities.Changed += change => Follow(state => state.Follow(change.Key, change.New));
        watches.EndpointSlices.Changed += change => Follow(state => state.Follow(change.Old, change.New));
        watches.Policies.Changed += change =>
        {
            if (change.Old is { } old)
            {
                history.Gone(old, DateTimeOffset.UtcNow);
            }

            policiesChanged.Writer.TryWrite(true);
        };
    }

    /// <summary>
    /// Keeps the desired state in step with the policies, leading or not. Several changes at once are one. Keys of
    /// policies that are gone end when their time is over, without a change.
    /// </summary>
    public async Task FollowPoliciesAsync(CancellationToken cancellation)
    {
        while (true)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (history.UntilNext(DateTimeOffset.UtcNow) is { } pause)
            {
                end.CancelAfter(pause);
            }

            try
            {
                await policiesChanged.Reader.ReadAsync(end.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Keys end.
            }

            ReadPolicies();
        }
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        // What the channel has not brought yet: no step is taken by half of what is known.
        ReadPolicies();
        Follow(state => state.Names);
        await loop.RunAsync(Workers, cancellation);
    }

    public void Dispose() => queue.Dispose();

    private void ReadPolicies()
    {
        var keys = history.Keys(watches.Policies.List(), DateTimeOffset.UtcNow);
        Follow(state => state.Follow(keys));
    }

    private void Follow(Func<IdentityState, IEnumerable<string>> change)
    {
        var now = Stopwatch.GetTimestamp();
        lock (gate)
        {
            foreach (var name in change(state))
            {
                waitingSince.TryAdd(name, now);
                queue.Add(name);
            }
        }
    }

    private T Read<T>(Func<IdentityState, T> read)
    {
        lock (gate)
        {
            return read(state);
        }
    }

    private async Task ReconcileAsync(string name, CancellationToken cancellation)
    {
        switch (Read(state => state.StepFor(name, DateTimeOffset.UtcNow)))
        {
            case IdentityStep.Create creation:
                await CreateAsync(creation, cancellation);
                break;
            case IdentityStep.Delete deletion:
                await DeleteAsync(deletion, cancellation);
                break;
            case IdentityStep.LookAgain later:
                queue.AddAfter(name, later.After);
                break;
            case IdentityStep.NoNumber:
                LogFull(name);
                queue.AddAfter(name, WhenFull);
                break;
        }

        Read(state => waitingSince.Remove(name));
    }

    private async Task CreateAsync(IdentityStep.Create creation, CancellationToken cancellation)
    {
        try
        {
            await client.CreateAsync(
                WeftResources.Identities,
                creation.Content.ToIdentity(creation.Number),
                cancellation
            );
            metrics.IdentityWritten(
                Stopwatch.GetElapsedTime(Read(_ => waitingSince.GetValueOrDefault(creation.Content.Name)))
            );
            LogMade(creation.Content.Name, creation.Number);
        }
        catch (KubernetesException e) when (e.IsAlreadyExists)
        {
            // The cache was behind; the watch brings it.
        }
    }

    private async Task DeleteAsync(IdentityStep.Delete deletion, CancellationToken cancellation)
    {
        var meta = deletion.Identity.Metadata;
        try
        {
            await client.DeleteAsync(
                WeftResources.Identities,
                ObjectKey.Of(deletion.Identity),
                new DeleteOptions { Uid = meta.Uid, ResourceVersion = meta.ResourceVersion },
                cancellation
            );
            LogRemoved(meta.Name!, deletion.Identity.Spec.Id, deletion.Why);
        }
        catch (KubernetesException e) when (e.IsNotFound)
        {
            // The cache was behind; the watch brings its end.
        }
    }

    [LoggerMessage(LogLevel.Information, "Identity {Name} has number {Number}")]
    private partial void LogMade(string name, uint number);

    [LoggerMessage(LogLevel.Information, "Identity {Name} ({Number}) is removed: {Why}")]
    private partial void LogRemoved(string name, uint number, string why);

    [LoggerMessage(
        LogLevel.Error,
        "Identity {Name} gets no number: all are in use; name fewer label keys in network policies"
    )]
    private partial void LogFull(string name);
}
