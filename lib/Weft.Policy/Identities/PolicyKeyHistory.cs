using Weft.Kubernetes.Objects;

namespace Weft.Policy.Identities;

/// <summary>
/// Policies that were changed or deleted a moment ago: somewhere they are in force still, and judge pods by keys that
/// nobody else names any more. So these keys go on counting for a while. Safe for several threads.
/// </summary>
public sealed class PolicyKeyHistory
{
    /// <summary>
    /// How long: three times what an agent waits for pods to get the identities that a new version needs.
    /// </summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(15);

    /// <summary>The most versions remembered; the oldest make room.</summary>
    private const int Most = 4096;

    private readonly Lock gate = new();
    private readonly Queue<(NetworkPolicy Version, DateTimeOffset Until)> gone = [];

    /// <summary>This version of a policy is no more.</summary>
    public void Gone(NetworkPolicy version, DateTimeOffset now)
    {
        lock (gate)
        {
            gone.Enqueue((version, now + Linger));
            if (gone.Count > Most)
            {
                gone.Dequeue();
            }
        }
    }

    /// <summary>How long until the first of them does not count any more; null when there is none.</summary>
    public TimeSpan? UntilNext(DateTimeOffset now)
    {
        lock (gate)
        {
            return gone.TryPeek(out var first) ? TimeSpan.FromTicks(Math.Max(0, (first.Until - now).Ticks)) : null;
        }
    }

    /// <summary>What pods are told apart by now.</summary>
    public PolicyKeys Keys(IEnumerable<NetworkPolicy> current, DateTimeOffset now)
    {
        lock (gate)
        {
            while (gone.TryPeek(out var first) && first.Until <= now)
            {
                gone.Dequeue();
            }

            return PolicyKeys.Of(current.Concat(gone.Select(version => version.Version)));
        }
    }
}
