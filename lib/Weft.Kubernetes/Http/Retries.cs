using System.Net;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Weft.Kubernetes.Http;

/// <summary>Which failed requests are made again, and when.</summary>
internal static partial class Retries
{
    private static readonly ResiliencePropertyKey<ApiRequest> Request = new("request");

    /// <summary>The pipeline all requests of a client go through.</summary>
    public static ResiliencePipeline Pipeline(RequestLimits limits, ILogger logger) =>
        new ResiliencePipelineBuilder()
            .AddRetry(
                new RetryStrategyOptions
                {
                    MaxRetryAttempts = limits.Retries,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = limits.FirstDelay,
                    MaxDelay = limits.LongestDelay,
                    ShouldHandle = args =>
                        ValueTask.FromResult(
                            args.Outcome.Exception is KubernetesException e
                                && IsWorthwhile(e, Of(args.Context).Idempotent)
                                && !(e.RetryAfter > limits.LongestRetryAfter)
                        ),
                    DelayGenerator = args =>
                        ValueTask.FromResult(
                            args.Outcome.Exception is KubernetesException { RetryAfter: { } after }
                                ? Spread(after)
                                : default(TimeSpan?)
                        ),
                    OnRetry = args =>
                    {
                        Log.Retry(
                            logger,
                            Of(args.Context),
                            args.Outcome.Exception?.Message,
                            args.RetryDelay.TotalSeconds
                        );
                        return default;
                    },
                }
            )
            .Build();

    /// <summary>Runs a request's attempts.</summary>
    public static async Task<T> RunAsync<T>(
        this ResiliencePipeline pipeline,
        ApiRequest request,
        Func<CancellationToken, Task<T>> attempt,
        CancellationToken cancellation
    )
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        try
        {
            context.Properties.Set(Request, request);
            return await pipeline.ExecuteAsync(
                static async (context, attempt) => await attempt(context.CancellationToken),
                context,
                attempt
            );
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>
    /// A request that was certainly not carried out can be made again. One that may have been only if that does no
    /// harm: a second POST could make a second object.
    /// </summary>
    private static bool IsWorthwhile(KubernetesException e, bool idempotent) =>
        e.WasNotSent
        || e.IsTooManyRequests
        || (
            idempotent
            && e
                is { IsUnreachable: true }
                    or {
                        Code: HttpStatusCode.InternalServerError
                            or HttpStatusCode.BadGateway
                            or HttpStatusCode.ServiceUnavailable
                            or HttpStatusCode.GatewayTimeout,
                    }
        );

    /// <summary>Not earlier than told, and not all callers at once.</summary>
    private static TimeSpan Spread(TimeSpan after) => after * (1 + (Random.Shared.NextDouble() / 4));

    private static ApiRequest Of(ResilienceContext context) => context.Properties.GetValue(Request, null!);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "{Request} failed ({Reason}); again in {Seconds:F1} s")]
        public static partial void Retry(ILogger logger, ApiRequest request, string? reason, double seconds);
    }
}
