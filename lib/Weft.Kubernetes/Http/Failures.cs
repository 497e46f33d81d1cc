using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes.Http;

/// <summary>Turns everything that can go wrong with a request into a <see cref="KubernetesException"/>.</summary>
internal static class Failures
{
    private const int MostOfAnswer = 1 << 16;
    private const int MostOfText = 256;

    /// <summary>Runs one attempt.</summary>
    public static async Task<T> TranslateAsync<T>(
        ApiRequest request,
        Func<Task<T>> attempt,
        CancellationToken cancellation
    )
    {
        try
        {
            return await attempt();
        }
        catch (HttpRequestException e)
        {
            throw new KubernetesException($"{request}: the API server was not reached: {Innermost(e)}", e)
            {
                WasNotSent =
                    e.HttpRequestError
                        is HttpRequestError.ConnectionError
                            or HttpRequestError.NameResolutionError
                            or HttpRequestError.ProxyTunnelError,
            };
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            // The handler's own limit for connecting says so by an inner TimeoutException.
            throw new KubernetesException($"{request}: the API server did not answer in time", e)
            {
                WasNotSent = e.InnerException is TimeoutException,
            };
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new KubernetesException($"{request}: the answer cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The exception for an answer that is no success.</summary>
    public static async Task<KubernetesException> OfAsync(
        ApiRequest request,
        HttpResponseMessage response,
        CancellationToken cancellation
    )
    {
        var text = await StartOfAsync(response.Content, cancellation);
        var status = Parse(text);
        // Not every answer comes from the API server itself: proxies and load balancers answer in their own words.
        status = status is { Message.Length: > 0 }
            ? status
            : (status ?? new Status()) with
            {
                Message = $"{request} was answered {(int)response.StatusCode} {response.ReasonPhrase}: {Cut(text)}",
            };
        return new KubernetesException(
            response.StatusCode,
            status,
            RetryAfter(response.Headers.RetryAfter) ?? Seconds(status.Details?.RetryAfterSeconds)
        );
    }

    private static async Task<byte[]> StartOfAsync(HttpContent content, CancellationToken cancellation)
    {
        await using var body = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[MostOfAnswer];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return buffer[..length];
    }

    private static Status? Parse(byte[] text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ObjectsJson.Default.Status);
        }
        catch (JsonException)
        {
            // It is told as text.
            return null;
        }
    }

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header) =>
        header switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => TimeSpan.FromTicks(Math.Max(0, (date - DateTimeOffset.UtcNow).Ticks)),
            _ => null,
        };

    private static TimeSpan? Seconds(int? seconds) => seconds is > 0 ? TimeSpan.FromSeconds(seconds.Value) : null;

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e.Message;
    }

    private static string Cut(byte[] text) =>
        Encoding.UTF8.GetString(text.AsSpan(0, Math.Min(text.Length, MostOfText))).Trim();
}
