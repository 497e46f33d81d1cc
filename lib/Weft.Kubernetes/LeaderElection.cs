using Microsoft.Extensions.Logging;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes;

/// <summary>
/// One leader among several candidates, by a Lease, with client-go's rules: a holder is believed to live for the
/// lease's duration after this candidate last saw the lease change, by its own clock, so that clocks need not agree.
/// </summary>
public sealed partial class LeaderElection
{
    /// <summary>Periods are up to this much longer at random, so that candidates do not meet again and again.</summary>
    internal const double Jitter = 1.2;

    private readonly KubernetesClient client;
    private readonly LeaderElectionOptions options;
    private readonly TimeProvider time;

    // As the server last had it, and when by our clock that was news.
    private Lease? observed;
    private long observedAt;

    /// <summary>Does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">The times contradict each other.</exception>
    public LeaderElection(KubernetesClient client, LeaderElectionOptions options, TimeProvider? time = null)
    {
        options.Check();
        this.client = client;
        this.options = options;
        this.time = time ?? TimeProvider.System;
    }

    /// <summary>Whether this candidate leads.</summary>
    public bool IsLeader { get; private set; }

    /// <summary>Who has the lease, as far as this candidate knows; null: nobody.</summary>
    public string? Leader => observed?.Spec?.HolderIdentity is { Length: > 0 } holder ? holder : null;

    /// <summary>
    /// Waits for the lease and leads while it has it: <paramref name="lead"/> is cancelled when the lease is lost or
    /// this is cancelled. Returns when it has ended; whoever wants to lead again calls again.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled, by <paramref name="cancellation"/>.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellation)
    {
        var renewed = await AcquireAsync(cancellation);
        Log.Leads(client.Logger, options.Identity, options.Name);
        IsLeader = true;
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var renewing = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var renewal = RenewAsync(renewed, leading, renewing.Token);
        try
        {
            await lead(leading.Token);
        }
        catch (OperationCanceledException) when (leading.IsCancellationRequested)
        {
            // The lease was lost, or this was cancelled; the latter is thrown below.
        }
        finally
        {
            await renewing.CancelAsync();
            await renewal;
            IsLeader = false;
            // Only now: nothing is done any more that the next leader could disagree with.
            await ReleaseAsync();
        }

        cancellation.ThrowIfCancellationRequested();
    }

    private async Task<long> AcquireAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var before = time.GetTimestamp();
            if (await TryAsync(cancellation))
            {
                return before;
            }

            await PauseAsync(cancellation);
        }
    }

    /// <summary>Renews until cancelled; cancels <paramref name="leading"/> when the deadline is over.</summary>
    private async Task RenewAsync(long renewed, CancellationTokenSource leading, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            // From when the last successful renewal was sent, which is before anybody could see it.
            var left = options.RenewDeadline - time.GetElapsedTime(renewed);
            if (left <= TimeSpan.Zero)
            {
                Log.Lost(client.Logger, options.Identity, options.Name);
                await leading.CancelAsync();
                return;
            }

            using var deadline = new CancellationTokenSource(left, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
            try
            {
                await PauseAsync(both.Token);
                var before = time.GetTimestamp();
                if (await TryAsync(both.Token))
                {
                    renewed = before;
                }
                else if (Leader is { } other && other != options.Identity)
                {
                    // Somebody took it, rightly or not: there must not be two.
                    renewed = before - (long)(options.RenewDeadline.TotalSeconds * time.TimestampFrequency);
                }
            }
            catch (OperationCanceledException)
            {
                // Either the loop's condition or the deadline says so.
            }
        }
    }

    /// <summary>One try to get or to keep the lease.</summary>
    private async Task<bool> TryAsync(CancellationToken cancellation)
    {
        try
        {
            var key = new ObjectKey(options.Namespace, options.Name);
            var found = await client.FindAsync(Kinds.Leases, key, cancellation);
            if (found is null)
            {
                Observe(await client.CreateAsync(Kinds.Leases, Mine(null), cancellation));
                return true;
            }

            Observe(found);
            if (Leader is { } holder && holder != options.Identity && IsValid(found))
            {
                return false;
            }

            // With its version: of two candidates that saw the same lease, one fails.
            Observe(await client.ReplaceAsync(Kinds.Leases, Mine(found), cancellation));
            return true;
        }
        catch (KubernetesException e) when (e.IsConflict || e.IsAlreadyExists)
        {
            // Another candidate was faster.
            return false;
        }
        catch (Exception e) when (e is KubernetesException or ConfigurationException)
        {
            // That the server does not answer the client says once, and not at every try.
            var level = e is KubernetesException { IsUnreachable: true } ? LogLevel.Debug : LogLevel.Warning;
            Log.Failed(client.Logger, level, options.Name, e.Message);
            return false;
        }
    }

    private void Observe(Lease lease)
    {
        if (observed?.Metadata.ResourceVersion != lease.Metadata.ResourceVersion)
        {
            observedAt = time.GetTimestamp();
        }

        observed = lease;
    }

    private bool IsValid(Lease lease) =>
        time.GetElapsedTime(observedAt) < TimeSpan.FromSeconds(lease.Spec?.LeaseDurationSeconds ?? 0);

    private Lease Mine(Lease? before)
    {
        var now = time.GetUtcNow();
        var mine = before?.Spec?.HolderIdentity == options.Identity;
        return new Lease
        {
            Metadata = before?.Metadata ?? new ObjectMeta { Namespace = options.Namespace, Name = options.Name },
            Spec = new LeaseSpec
            {
                HolderIdentity = options.Identity,
                LeaseDurationSeconds = (int)Math.Ceiling(options.LeaseDuration.TotalSeconds),
                AcquireTime = mine ? before!.Spec!.AcquireTime : now,
                RenewTime = now,
                LeaseTransitions =
                    before is null ? 0
                    : mine ? before.Spec!.LeaseTransitions ?? 0
                    : (before.Spec?.LeaseTransitions ?? 0) + 1,
            },
        };
    }

    /// <summary>Leaves the lease to whoever comes first, if it is still ours.</summary>
    private async Task ReleaseAsync()
    {
        if (!options.ReleaseOnCancel || Leader != options.Identity)
        {
            return;
        }

        var now = time.GetUtcNow();
        var free = observed! with
        {
            Spec = new LeaseSpec
            {
                HolderIdentity = "",
                LeaseDurationSeconds = 1,
                AcquireTime = now,
                RenewTime = now,
                LeaseTransitions = observed!.Spec!.LeaseTransitions,
            },
        };
        using var limit = new CancellationTokenSource(options.RenewDeadline, time);
        try
        {
            Observe(await client.ReplaceAsync(Kinds.Leases, free, limit.Token));
            Log.Released(client.Logger, options.Identity, options.Name);
        }
        catch (Exception e) when (e is KubernetesException or OperationCanceledException or ConfigurationException)
        {
            // The next leader waits for the lease's duration instead.
            Log.Failed(client.Logger, LogLevel.Warning, options.Name, e.Message);
        }
    }

    private Task PauseAsync(CancellationToken cancellation) =>
        Task.Delay(options.RetryPeriod * (1 + (Random.Shared.NextDouble() * (Jitter - 1))), time, cancellation);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Identity} leads by lease {Lease}")]
        public static partial void Leads(ILogger logger, string identity, string lease);

        [LoggerMessage(LogLevel.Warning, "{Identity} could not renew lease {Lease} in time and stops leading")]
        public static partial void Lost(ILogger logger, string identity, string lease);

        [LoggerMessage(LogLevel.Information, "{Identity} gave lease {Lease} up")]
        public static partial void Released(ILogger logger, string identity, string lease);

        [LoggerMessage("lease {Lease}: {Reason}")]
        public static partial void Failed(ILogger logger, LogLevel level, string lease, string reason);
    }
}
