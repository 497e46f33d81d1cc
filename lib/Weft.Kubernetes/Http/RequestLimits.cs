namespace Weft.Kubernetes.Http;

/// <summary>How long requests may take and how often they are made again.</summary>
internal sealed record RequestLimits
{
    /// <summary>For one attempt; the server gives up after as long (--request-timeout).</summary>
    public TimeSpan Attempt { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many attempts follow the first.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>About how long before the second attempt; doubled from one to the next.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause of our own.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest Retry-After that is waited for; beyond it the caller is told instead.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A watch that outlives what was asked for by this much is not served any more.</summary>
    public TimeSpan WatchGrace { get; init; } = TimeSpan.FromSeconds(30);
}
