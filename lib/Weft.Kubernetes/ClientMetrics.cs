using System.Globalization;
using System.Net;
using Weft.Metrics;

namespace Weft.Kubernetes;

/// <summary>What a client and its informers do, counted. One per process.</summary>
public sealed class ClientMetrics
{
    // As client-go says it of a request that had no answer.
    private const string NoAnswer = "<error>";
    private static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];
    private readonly Counter requests;
    private readonly Histogram durations;
    private readonly Counter watches;

    /// <param name="registry">Where they are found.</param>
    /// <param name="prefix">What their names begin with, such as "weft_agent".</param>
    public ClientMetrics(Registry registry, string prefix)
    {
        requests = registry.Counter(
            $"{prefix}_api_requests_total",
            "Requests to the API server, each attempt by itself, by method and HTTP status code.",
            "method",
            "code"
        );
        durations = registry.Histogram(
            $"{prefix}_api_request_duration_seconds",
            "From a request to the API server to the head of its answer.",
            Bounds,
            "method"
        );
        watches = registry.Counter(
            $"{prefix}_api_watch_restarts_total",
            "Watches that ended, by resource and why; each is made again.",
            "resource",
            "reason"
        );
    }

    internal void Exchanged(HttpMethod method, HttpStatusCode? code, TimeSpan duration)
    {
        requests.Increment(
            method.Method,
            code is { } known ? ((int)known).ToString(CultureInfo.InvariantCulture) : NoAnswer
        );
        durations.Observe(duration, method.Method);
    }

    internal void WatchEnded(string resource, WatchEnd why) =>
        watches.Increment(
            resource,
            why switch
            {
                WatchEnd.Ended => "ended",
                WatchEnd.Expired => "expired",
                WatchEnd.Interrupted => "interrupted",
                _ => "refused",
            }
        );
}

/// <summary>Why a watch ended.</summary>
internal enum WatchEnd
{
    /// <summary>The server ended it, as it does when its time is over.</summary>
    Ended,

    /// <summary>The server has no more of its version (410): the objects are listed again.</summary>
    Expired,

    /// <summary>The connection broke, or there was none.</summary>
    Interrupted,

    /// <summary>The server refused, or the credentials are no good.</summary>
    Refused,
}
