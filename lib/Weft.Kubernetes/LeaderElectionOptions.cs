namespace Weft.Kubernetes;

/// <summary>Which lease, and its times.</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>Namespace of the Lease.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the Lease.</summary>
    public required string Name { get; init; }

    /// <summary>Name of this candidate; no other may have it.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others wait for a leader that is silent.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader tries to renew before it stops leading; less than the lease's duration.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between tries.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether a leader that stops gives the lease up, so that the next one need not wait.</summary>
    public bool ReleaseOnCancel { get; init; } = true;
}
