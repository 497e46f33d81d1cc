using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Weft.Kubernetes.Http;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes;

/// <summary>The verbs of the Kubernetes API. One per process: requests share its HTTP/2 connections.</summary>
public sealed class KubernetesClient : IDisposable
{
    private readonly HttpClient http;
    private readonly k8s.Authentication.ServiceClientCredentials? credentials;

    /// <summary>Connects at the first request.</summary>
    /// <param name="connection">Where to and as whom.</param>
    /// <param name="logger">Where retries and lost connections are told.</param>
    /// <param name="userAgent">Who is asking, such as "weft-agent/0.1.0"; it is in the server's audit log.</param>
    public KubernetesClient(ClusterConnection connection, ILogger? logger = null, string userAgent = "weft")
    {
        _ = logger;
        var configuration = connection.Configuration;
        credentials = k8s.Kubernetes.CreateCredentials(configuration);
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        handler.SslOptions.TargetHost = configuration.TlsServerName;
        if (configuration.SkipTlsVerify)
        {
#pragma warning disable CA5359 // insecure-skip-tls-verify says so.
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (configuration.SslCaCerts is { } authorities)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                k8s.Kubernetes.CertificateValidationCallBack(sender, authorities, certificate!, chain!, errors);
        }

        if (Pem(configuration.ClientCertificateData, configuration.ClientCertificateFilePath) is { } pem)
        {
            var key = Pem(configuration.ClientCertificateKeyData, configuration.ClientKeyFilePath);
            var certificate = X509Certificate2.CreateFromPem(pem, key);
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        http = new HttpClient(handler)
        {
            BaseAddress = new Uri(connection.Server.AbsoluteUri.TrimEnd('/') + "/"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.UserAgent.ParseAdd(userAgent);
    }

    /// <summary>Reads an object.</summary>
    /// <exception cref="KubernetesException">It is not there, or the server was not reached.</exception>
    public Task<T> GetAsync<T>(Resource<T> resource, ObjectKey key, CancellationToken cancellation)
        where T : class, IKubernetesObject =>
        SendAsync(HttpMethod.Get, ResourcePath.Of(resource, key, null), null, null, resource.Json, cancellation);

    /// <summary>Reads an object; null when it is not there.</summary>
    public async Task<T?> FindAsync<T>(Resource<T> resource, ObjectKey key, CancellationToken cancellation)
        where T : class, IKubernetesObject
    {
        try
        {
            return await GetAsync(resource, key, cancellation);
        }
        catch (KubernetesException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Reads one page of a list.</summary>
    public Task<ObjectList<T>> ListAsync<T>(Resource<T> resource, ListOptions options, CancellationToken cancellation)
        where T : class, IKubernetesObject =>
        SendAsync(
            HttpMethod.Get,
            ResourcePath
                .Of(resource, options.Namespace)
                .With(
                    ("labelSelector", options.LabelSelector),
                    ("fieldSelector", options.FieldSelector),
                    ("limit", options.Limit?.ToString(CultureInfo.InvariantCulture)),
                    ("continue", options.Continue),
                    ("resourceVersion", options.ResourceVersion),
                    ("resourceVersionMatch", options.ResourceVersionMatch)
                ),
            null,
            null,
            resource.ListJson,
            cancellation
        );

    /// <summary>Follows changes until the server ends the watch.</summary>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        Resource<T> resource,
        WatchOptions options,
        [EnumeratorCancellation] CancellationToken cancellation
    )
        where T : class, IKubernetesObject
    {
        var path = ResourcePath
            .Of(resource, options.Namespace)
            .With(
                ("watch", "true"),
                ("allowWatchBookmarks", "true"),
                ("labelSelector", options.LabelSelector),
                ("fieldSelector", options.FieldSelector),
                ("resourceVersion", options.ResourceVersion),
                ("timeoutSeconds", options.Timeout?.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture))
            );
        using var response = await SendAsync(HttpMethod.Get, path, null, null, cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var type = Enum.Parse<WatchEventType>(json.RootElement.GetProperty("type").GetString()!, ignoreCase: true);
            var obj = json.RootElement.GetProperty("object");
            yield return type == WatchEventType.Error
                ? new WatchEvent<T>(type, null, obj.Deserialize(ObjectsJson.Default.Status))
                : new WatchEvent<T>(type, obj.Deserialize(resource.Json), null);
        }
    }

    /// <summary>Creates an object.</summary>
    public Task<T> CreateAsync<T>(Resource<T> resource, T obj, CancellationToken cancellation)
        where T : class, IKubernetesObject =>
        SendAsync(
            HttpMethod.Post,
            ResourcePath.Of(resource, obj.Metadata.Namespace),
            "application/json",
            Body(resource, obj),
            resource.Json,
            cancellation
        );

    /// <summary>Replaces an object; a conflict when its version is not the one given.</summary>
    public Task<T> ReplaceAsync<T>(
        Resource<T> resource,
        T obj,
        CancellationToken cancellation,
        string? subresource = null
    )
        where T : class, IKubernetesObject =>
        SendAsync(
            HttpMethod.Put,
            ResourcePath.Of(resource, ObjectKey.Of(obj), subresource),
            "application/json",
            Body(resource, obj),
            resource.Json,
            cancellation
        );

    /// <summary>Changes parts of an object.</summary>
    public Task<T> PatchAsync<T>(
        Resource<T> resource,
        ObjectKey key,
        Patch patch,
        CancellationToken cancellation,
        string? subresource = null
    )
        where T : class, IKubernetesObject =>
        SendAsync(
            HttpMethod.Patch,
            ResourcePath.Of(resource, key, subresource),
            patch.MediaType,
            patch.Body,
            resource.Json,
            cancellation
        );

    /// <summary>Server-side apply: the fields given are this manager's from now on, those it gave before are gone.</summary>
    public Task<T> ApplyAsync<T>(
        Resource<T> resource,
        T obj,
        string fieldManager,
        bool force,
        CancellationToken cancellation,
        string? subresource = null
    )
        where T : class, IKubernetesObject =>
        SendAsync(
            HttpMethod.Patch,
            ResourcePath
                .Of(resource, ObjectKey.Of(obj), subresource)
                .With(("fieldManager", fieldManager), ("force", force ? "true" : null)),
            "application/apply-patch+yaml",
            Body(resource, obj),
            resource.Json,
            cancellation
        );

    /// <summary>Deletes an object, or begins to.</summary>
    public async Task DeleteAsync<T>(
        Resource<T> resource,
        ObjectKey key,
        DeleteOptions? options,
        CancellationToken cancellation
    )
        where T : class, IKubernetesObject
    {
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions" };
        if (options is not null)
        {
            body["gracePeriodSeconds"] = options.GracePeriodSeconds;
            body["propagationPolicy"] = options.PropagationPolicy?.ToString();
            body["preconditions"] = new JsonObject
            {
                ["uid"] = options.Uid,
                ["resourceVersion"] = options.ResourceVersion,
            };
        }

        using var response = await SendAsync(
            HttpMethod.Delete,
            ResourcePath.Of(resource, key, null),
            "application/json",
            System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()),
            cancellation
        );
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static string? Pem(string? data, string? file) =>
        data is not null ? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(data))
        : file is not null ? File.ReadAllText(file)
        : null;

    private static ReadOnlyMemory<byte> Body<T>(Resource<T> resource, T obj)
        where T : class, IKubernetesObject
    {
        var node = JsonSerializer.SerializeToNode(obj, resource.Json)!;
        node["apiVersion"] = resource.ApiVersion;
        node["kind"] = resource.Kind;
        return System.Text.Encoding.UTF8.GetBytes(node.ToJsonString());
    }

    private async Task<TAnswer> SendAsync<TAnswer>(
        HttpMethod method,
        string path,
        string? mediaType,
        ReadOnlyMemory<byte>? body,
        JsonTypeInfo<TAnswer> json,
        CancellationToken cancellation
    )
    {
        using var response = await SendAsync(method, path, mediaType, body, cancellation);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        return await JsonSerializer.DeserializeAsync(stream, json, cancellation)
            ?? throw new KubernetesException($"the answer to {method} {path} is null");
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        string? mediaType,
        ReadOnlyMemory<byte>? body,
        CancellationToken cancellation
    )
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Accept.ParseAdd("application/json");
        if (body is { } bytes)
        {
            request.Content = new ReadOnlyMemoryContent(bytes);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType!);
        }

        if (credentials is not null)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellation);
        }

        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException e)
        {
            throw new KubernetesException($"the API server was not reached: {e.Message}", e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            Status status;
            try
            {
                var text = await response.Content.ReadAsByteArrayAsync(cancellation);
                status = JsonSerializer.Deserialize(text, ObjectsJson.Default.Status) ?? new Status();
            }
            catch (JsonException)
            {
                status = new Status();
            }

            throw new KubernetesException(response.StatusCode, status, response.Headers.RetryAfter?.Delta);
        }
    }
}
