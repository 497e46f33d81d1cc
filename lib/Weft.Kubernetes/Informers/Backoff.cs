namespace Weft.Kubernetes.Informers;

/// <summary>
/// Growing pauses with jitter, so that clients that lost the same server do not come back together. client-go's numbers
/// for reflectors: from 0.8 s to 30 s, each up to twice as long at random.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int failures;

    public static Backoff Default => new(TimeSpan.FromMilliseconds(800), TimeSpan.FromSeconds(30));

    /// <summary>The next pause.</summary>
    public TimeSpan Next()
    {
        var pause = TimeSpan.FromTicks((long)Math.Min(first.Ticks * Math.Pow(2, failures), longest.Ticks));
        failures++;
        return pause * (1 + Random.Shared.NextDouble());
    }

    /// <summary>The server is well: the next pause is the shortest again.</summary>
    public void Reset() => failures = 0;
}
