namespace Weft.Kubernetes;

/// <summary>Which lease, and its times; the defaults are those of the Kubernetes controllers.</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>Namespace of the Lease.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the Lease.</summary>
    public required string Name { get; init; }

    /// <summary>Name of this candidate; no other may have it.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others wait for a leader that is silent; whole seconds.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long after its last renewal a leader stops leading; less than the lease's duration.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between tries; less than the renewal's deadline.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether a leader that stops gives the lease up, so that the next one need not wait.</summary>
    public bool ReleaseOnCancel { get; init; } = true;

    internal void Check()
    {
        if (Identity.Length == 0)
        {
            throw new ArgumentException("the identity is empty; give each candidate another one");
        }

        if (LeaseDuration <= RenewDeadline || RenewDeadline <= RetryPeriod * LeaderElection.Jitter)
        {
            throw new ArgumentException(
                $"the lease's duration ({LeaseDuration}) must be longer than the renewal's deadline ({RenewDeadline}), "
                    + $"and that longer than {LeaderElection.Jitter} retry periods ({RetryPeriod})"
            );
        }
    }
}
