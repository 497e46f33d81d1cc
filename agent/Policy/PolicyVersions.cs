using Weft.Kubernetes.Objects;

namespace Weft.Agent.Policy;

/// <summary>What is to be put in force and what to be given up.</summary>
/// <param name="Set">Policies, in their new version.</param>
/// <param name="Removed">Policies that are gone.</param>
/// <param name="Overdue">Those of the first that have waited long enough.</param>
internal sealed record VersionChanges(
    IReadOnlyList<NetworkPolicy> Set,
    IReadOnlyList<ObjectKey> Removed,
    IReadOnlyList<ObjectKey> Overdue
)
{
    /// <summary>True when nothing changes.</summary>
    public bool AreNone => Set.Count == 0 && Removed.Count == 0;
}

/// <summary>
/// Which version of each policy is in force. One that names keys which identities in use were not made for would be
/// judged wrongly by them: it waits, and the version before it stays, until the pods have moved to identities that were.
/// Pure; for one thread at a time.
/// </summary>
internal sealed class PolicyVersions
{
    /// <summary>How long a version waits at most. A node that is gone never moves its pods.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<ObjectKey, NetworkPolicy> inForce = [];
    private readonly Dictionary<ObjectKey, DateTimeOffset> waiting = [];

    /// <summary>How many are in force.</summary>
    public int Count => inForce.Count;

    /// <summary>Whether some version of it is in force.</summary>
    public bool Has(ObjectKey policy) => inForce.ContainsKey(policy);

    /// <summary>Policies whose newest version waits, and since when.</summary>
    public IReadOnlyDictionary<ObjectKey, DateTimeOffset> Waiting => waiting;

    /// <summary>How long until the first of them has waited long enough; null when none waits.</summary>
    public TimeSpan? UntilOverdue(DateTimeOffset now) =>
        waiting.Count == 0 ? null : TimeSpan.FromTicks(Math.Max(0, (waiting.Values.Min() + Patience - now).Ticks));

    /// <summary>Takes the policies as they are now.</summary>
    /// <param name="policies">All there are.</param>
    /// <param name="isCovered">Whether all identities in use can be judged by a version.</param>
    /// <param name="now">The time.</param>
    public VersionChanges Follow(
        IReadOnlyCollection<NetworkPolicy> policies,
        Func<NetworkPolicy, bool> isCovered,
        DateTimeOffset now
    )
    {
        var set = new List<NetworkPolicy>();
        var overdue = new List<ObjectKey>();
        var present = new HashSet<ObjectKey>();
        foreach (var policy in policies)
        {
            var key = ObjectKey.Of(policy);
            present.Add(key);
            if (ReferenceEquals(inForce.GetValueOrDefault(key), policy))
            {
                // It waited, and was taken back.
                waiting.Remove(key);
            }
            else if (isCovered(policy))
            {
                waiting.Remove(key);
                set.Add(policy);
            }
            else if (waiting.TryGetValue(key, out var since) && since + Patience <= now)
            {
                waiting.Remove(key);
                set.Add(policy);
                overdue.Add(key);
            }
            else
            {
                // Of several versions in a row the first one's time counts: editing must not put it off for ever.
                waiting.TryAdd(key, now);
            }
        }

        List<ObjectKey> removed = [.. inForce.Keys.Where(key => !present.Contains(key))];
        removed.ForEach(key => inForce.Remove(key));
        foreach (var key in waiting.Keys.Where(key => !present.Contains(key)).ToList())
        {
            waiting.Remove(key);
        }

        set.ForEach(policy => inForce[ObjectKey.Of(policy)] = policy);
        return new VersionChanges(set, removed, overdue);
    }
}
