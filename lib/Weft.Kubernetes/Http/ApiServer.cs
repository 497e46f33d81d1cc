using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Polly;
using Weft.Kubernetes.Credentials;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes.Http;

/// <summary>Makes requests: with credentials, within limits, again where that is right, and with one kind of error.</summary>
internal sealed class ApiServer : IDisposable
{
    private readonly ClusterConnection connection;
    private readonly Uri root;
    private readonly string userAgent;
    private readonly Identity identity;
    private readonly Transport transport;
    private readonly RequestLimits limits;
    private readonly ResiliencePipeline retries;
    private readonly Contact contact;
    private readonly ClientMetrics? metrics;

    public ApiServer(
        ClusterConnection connection,
        string userAgent,
        RequestLimits limits,
        TimeProvider time,
        ILogger logger,
        ClientMetrics? metrics
    )
    {
        this.connection = connection;
        this.userAgent = userAgent;
        this.limits = limits;
        root = new Uri(connection.Server.AbsoluteUri.TrimEnd('/') + "/");
        identity = new Identity(connection, time);
        transport = new Transport(connection);
        retries = Retries.Pipeline(limits, logger);
        contact = new Contact(logger);
        this.metrics = metrics;
    }

    /// <summary>Makes a request, and again where that is right, and reads its answer.</summary>
    public Task<T> SendAsync<T>(ApiRequest request, JsonTypeInfo<T> json, CancellationToken cancellation) =>
        SendAsync(
            request,
            async (body, attempt) =>
                await JsonSerializer.DeserializeAsync(body, json, attempt)
                ?? throw new JsonException("the answer is null"),
            cancellation
        );

    /// <summary>As the other, for an answer that <paramref name="read"/> reads as it comes; it begins anew each time.</summary>
    public Task<T> SendAsync<T>(
        ApiRequest request,
        Func<Stream, CancellationToken, Task<T>> read,
        CancellationToken cancellation
    ) => retries.RunAsync(request, attempt => AttemptAsync(request, read, attempt), cancellation);

    /// <summary>Makes a request once, whose answer has no end.</summary>
    public async Task<HttpResponseMessage> OpenAsync(ApiRequest request, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(limits.Attempt);
        return await TellAsync(request, () => ExchangeAsync(request, limit.Token), cancellation);
    }

    /// <summary>Opens a WebSocket, which goes over a connection of HTTP/1.1 of its own.</summary>
    public async Task<WebSocket> UpgradeAsync(ApiRequest request, string protocol, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(limits.Attempt);
        return await TellAsync(
            request,
            async () =>
            {
                var proof = await identity.ProveAsync(limit.Token);
                var address = new UriBuilder(new Uri(root, request.Path))
                {
                    Scheme = root.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs,
                };
                using var head = new HttpRequestMessage();
                AddHeaders(head, proof);
                var socket = new ClientWebSocket();
                socket.Options.AddSubProtocol(protocol);
                socket.Options.CollectHttpResponseDetails = true;
                foreach (var (name, values) in head.Headers.NonValidated)
                {
                    socket.Options.SetRequestHeader(name, values.ToString());
                }

                try
                {
                    await socket.ConnectAsync(address.Uri, transport.For(proof), limit.Token);
                    return socket;
                }
                catch (WebSocketException e)
                {
                    using (socket)
                    {
                        throw socket.HttpStatusCode is 0 or HttpStatusCode.SwitchingProtocols
                            ? new KubernetesException($"{request}: the API server was not reached: {e.Message}", e)
                            : new KubernetesException(
                                socket.HttpStatusCode,
                                new Status
                                {
                                    Message =
                                        $"{request} was answered {(int)socket.HttpStatusCode} {socket.HttpStatusCode}",
                                }
                            );
                    }
                }
            },
            cancellation
        );
    }

    public void Dispose()
    {
        transport.Dispose();
        identity.Dispose();
    }

    private async Task<T> AttemptAsync<T>(
        ApiRequest request,
        Func<Stream, CancellationToken, Task<T>> read,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(limits.Attempt);
        return await TellAsync(
            request,
            async () =>
            {
                using var response = await ExchangeAsync(request, limit.Token);
                await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
                return await read(body, limit.Token);
            },
            cancellation
        );
    }

    private async Task<T> TellAsync<T>(ApiRequest request, Func<Task<T>> attempt, CancellationToken cancellation)
    {
        try
        {
            var answer = await Failures.TranslateAsync(request, attempt, cancellation);
            contact.Answered();
            return answer;
        }
        catch (KubernetesException e)
        {
            if (e.IsUnreachable)
            {
                contact.Lost(e.Message);
            }
            else
            {
                contact.Answered();
            }

            throw;
        }
    }

    /// <summary>One request and its answer; refused credentials are renewed once, for such a request did nothing.</summary>
    private async Task<HttpResponseMessage> ExchangeAsync(ApiRequest request, CancellationToken cancellation)
    {
        var proof = await identity.ProveAsync(cancellation);
        var response = await ExchangeAsync(request, proof, cancellation);
        if (response.StatusCode == HttpStatusCode.Unauthorized && identity.Expire(proof))
        {
            response.Dispose();
            if (connection.ClientCertificate is { IsFile: true })
            {
                transport.Renew();
            }

            response = await ExchangeAsync(request, await identity.ProveAsync(cancellation), cancellation);
        }

        if (!response.IsSuccessStatusCode)
        {
            using (response)
            {
                throw await Failures.OfAsync(request, response, cancellation);
            }
        }

        return response;
    }

    private void AddHeaders(HttpRequestMessage message, Proof proof)
    {
        message.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        message.Headers.Authorization = proof.Header;
        connection.Impersonate?.AddTo(message);
        if (connection.TlsServerName is { } name)
        {
            // .NET takes the name that the certificate must have from here and from nowhere else.
            message.Headers.Host = string.Create(CultureInfo.InvariantCulture, $"{name}:{root.Port}");
        }
    }

    private async Task<HttpResponseMessage> ExchangeAsync(
        ApiRequest request,
        Proof proof,
        CancellationToken cancellation
    )
    {
        using var message = new HttpRequestMessage(request.Method, new Uri(root, request.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        AddHeaders(message, proof);
        message.Headers.TryAddWithoutValidation("Accept", ApiRequest.Json);
        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.MediaType);
        }

        var began = Stopwatch.GetTimestamp();
        HttpStatusCode? code = null;
        try
        {
            var response = await transport.For(proof).SendAsync(message, cancellation);
            code = response.StatusCode;
            return response;
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            // The authority may have been replaced.
            transport.Renew();
            throw;
        }
        finally
        {
            metrics?.Exchanged(request.Method, code, Stopwatch.GetElapsedTime(began));
        }
    }
}
