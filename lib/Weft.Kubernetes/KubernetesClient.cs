using System.Globalization;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Kubernetes.Exec;
using Weft.Kubernetes.Http;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes;

/// <summary>The verbs of the Kubernetes API. One per process: requests share its HTTP/2 connections.</summary>
public sealed class KubernetesClient : IDisposable
{
    // As client-go's reflector: long enough to be cheap, spread so that watches do not all end together.
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromMinutes(5);

    private readonly RequestLimits limits;
    private readonly ApiServer server;

    /// <summary>Connects at the first request.</summary>
    /// <param name="connection">Where to and as whom.</param>
    /// <param name="logger">Where retries and lost watches are told; null: nowhere.</param>
    /// <param name="userAgent">Who is asking, such as "weft-agent/0.1.0"; it is in the server's audit log.</param>
    /// <param name="metrics">Where requests and watches are counted; null: nowhere.</param>
    public KubernetesClient(
        ClusterConnection connection,
        ILogger? logger = null,
        string userAgent = "weft",
        ClientMetrics? metrics = null
    )
        : this(connection, logger ?? NullLogger.Instance, userAgent, new RequestLimits(), TimeProvider.System, metrics)
    { }

    internal KubernetesClient(
        ClusterConnection connection,
        ILogger logger,
        string userAgent,
        RequestLimits limits,
        TimeProvider time,
        ClientMetrics? metrics = null
    )
    {
        Logger = logger;
        Metrics = metrics;
        Server = connection.Server;
        this.limits = limits;
        server = new ApiServer(connection, userAgent, limits, time, logger, metrics);
    }

    /// <summary>Base address of the API server.</summary>
    public Uri Server { get; }

    internal ILogger Logger { get; }

    internal ClientMetrics? Metrics { get; }

    /// <summary>Reads an object.</summary>
    /// <exception cref="KubernetesException">It is not there, or the server was not reached.</exception>
    public Task<T> GetAsync<T>(Resource<T> resource, ObjectKey key, CancellationToken cancellation)
        where T : class, IKubernetesObject =>
        server.SendAsync(
            new ApiRequest(HttpMethod.Get, ResourcePath.Of(resource, key, null)),
            resource.Json,
            cancellation
        );

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

    /// <summary>Reads one page of a list; its metadata says where the next one is.</summary>
    /// <exception cref="KubernetesException">IsGone: the page's version is no longer kept; list from the start.</exception>
    public Task<ObjectList<T>> ListAsync<T>(Resource<T> resource, ListOptions options, CancellationToken cancellation)
        where T : class, IKubernetesObject => ListAsync(resource, options, null, cancellation);

    /// <summary>As the other, with each object trimmed before the next one is decoded.</summary>
    internal Task<ObjectList<T>> ListAsync<T>(
        Resource<T> resource,
        ListOptions options,
        Func<T, T>? transform,
        CancellationToken cancellation
    )
        where T : class, IKubernetesObject =>
        server.SendAsync(
            new ApiRequest(
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
                    )
            ),
            (body, attempt) => new ListStream<T>(resource, transform).ReadAsync(body, attempt),
            cancellation
        );

    /// <summary>
    /// Follows changes, bookmarks among them, until the server ends the watch; <see cref="Informer{T}"/> goes on from
    /// there. Made once: whoever watches knows where to go on.
    /// </summary>
    /// <exception cref="KubernetesException">
    /// It was refused (IsGone: list again), cut off, garbled, or silent beyond its time.
    /// </exception>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        Resource<T> resource,
        WatchOptions options,
        [EnumeratorCancellation] CancellationToken cancellation
    )
        where T : class, IKubernetesObject
    {
        var timeout = options.Timeout ?? (ShortestWatch * (1 + Random.Shared.NextDouble()));
        var request = new ApiRequest(
            HttpMethod.Get,
            ResourcePath
                .Of(resource, options.Namespace)
                .With(
                    ("watch", "true"),
                    ("allowWatchBookmarks", "true"),
                    ("labelSelector", options.LabelSelector),
                    ("fieldSelector", options.FieldSelector),
                    ("resourceVersion", options.ResourceVersion),
                    ("timeoutSeconds", ((long)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture))
                )
        );
        using var response = await server.OpenAsync(request, cancellation);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout + limits.WatchGrace);
        await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
        await using var events = WatchStream.ReadAsync(body, resource, limit.Token).GetAsyncEnumerator(limit.Token);
        while (await Failures.TranslateAsync(request, () => events.MoveNextAsync().AsTask(), cancellation))
        {
            yield return events.Current;
        }
    }

    /// <summary>Creates an object.</summary>
    /// <exception cref="KubernetesException">
    /// It is not made again when the answer is lost: IsUnreachable then leaves open whether the object is there.
    /// </exception>
    public Task<T> CreateAsync<T>(Resource<T> resource, T obj, CancellationToken cancellation)
        where T : class, IKubernetesObject =>
        server.SendAsync(
            new ApiRequest(
                HttpMethod.Post,
                ResourcePath.ForNew(resource, obj.Metadata.Namespace),
                Body(resource, obj),
                Idempotent: false
            ),
            resource.Json,
            cancellation
        );

    /// <summary>
    /// Replaces an object whole. With a resourceVersion in it, only if that is still its version; a conflict otherwise,
    /// and also when a first attempt succeeded and its answer was lost.
    /// </summary>
    public Task<T> ReplaceAsync<T>(
        Resource<T> resource,
        T obj,
        CancellationToken cancellation,
        string? subresource = null
    )
        where T : class, IKubernetesObject =>
        server.SendAsync(
            new ApiRequest(
                HttpMethod.Put,
                ResourcePath.Of(resource, ObjectKey.Of(obj), subresource),
                Body(resource, obj)
            ),
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
        server.SendAsync(
            new ApiRequest(
                HttpMethod.Patch,
                ResourcePath.Of(resource, key, subresource),
                patch.Body,
                patch.MediaType,
                patch.Idempotent
            ),
            resource.Json,
            cancellation
        );

    /// <summary>
    /// Server-side apply: the fields given are this manager's from now on, and those it gave before and does not now are
    /// removed. A conflict when another manager has one of them, unless <paramref name="force"/> takes it over.
    /// </summary>
    public Task<T> ApplyAsync<T>(
        Resource<T> resource,
        T obj,
        string fieldManager,
        bool force,
        CancellationToken cancellation,
        string? subresource = null
    )
        where T : class, IKubernetesObject =>
        server.SendAsync(
            new ApiRequest(
                HttpMethod.Patch,
                ResourcePath
                    .Of(resource, ObjectKey.Of(obj), subresource)
                    .With(("fieldManager", fieldManager), ("force", force ? "true" : null)),
                Body(resource, obj),
                "application/apply-patch+yaml"
            ),
            resource.Json,
            cancellation
        );

    /// <summary>Deletes an object, or begins to: finalizers and a pod's grace period keep it for a while.</summary>
    public Task DeleteAsync<T>(
        Resource<T> resource,
        ObjectKey key,
        DeleteOptions? options,
        CancellationToken cancellation
    )
        where T : class, IKubernetesObject =>
        // The answer is the object or a Status, by the kind; nobody needs either.
        server.SendAsync(
            new ApiRequest(
                HttpMethod.Delete,
                ResourcePath.Of(resource, key, null),
                (options ?? new DeleteOptions()).ToJson()
            ),
            ObjectsJson.Default.JsonElement,
            cancellation
        );

    /// <summary>Runs a command in a container, without input, and returns what it said when it has ended.</summary>
    /// <exception cref="KubernetesException">It could not be run: takes the right to create pods/exec.</exception>
    public async Task<ExecOutput> ExecAsync(
        ObjectKey pod,
        string container,
        IReadOnlyList<string> command,
        CancellationToken cancellation
    )
    {
        var path = ResourcePath
            .Of(Kinds.Pods, pod, "exec")
            .With(("container", container), ("stdout", "true"), ("stderr", "true"));
        var request = new ApiRequest(
            HttpMethod.Get,
            path + string.Concat(command.Select(word => $"&command={Uri.EscapeDataString(word)}"))
        );
        using var socket = await server.UpgradeAsync(request, ExecStreams.Protocol, cancellation);
        try
        {
            return await ExecStreams.ReadAsync(socket, cancellation);
        }
        catch (WebSocketException e)
        {
            throw new KubernetesException($"the connection to pod {pod} broke off: {e.Message}", e);
        }
    }

    /// <summary>The last lines that a container has written.</summary>
    public Task<string> LogAsync(ObjectKey pod, string container, int lines, CancellationToken cancellation) =>
        server.SendAsync(
            new ApiRequest(
                HttpMethod.Get,
                ResourcePath
                    .Of(Kinds.Pods, pod, "log")
                    .With(
                        ("container", container),
                        ("tailLines", lines.ToString(CultureInfo.InvariantCulture)),
                        ("timestamps", "true")
                    )
            ),
            async (body, attempt) =>
            {
                using var reader = new StreamReader(body);
                return await reader.ReadToEndAsync(attempt);
            },
            cancellation
        );

    /// <inheritdoc/>
    public void Dispose() => server.Dispose();

    /// <summary>Kind and version are the resource's: objects that were in a list do not have them.</summary>
    private static byte[] Body<T>(Resource<T> resource, T obj)
        where T : class, IKubernetesObject
    {
        var node = JsonSerializer.SerializeToNode(obj, resource.Json)!.AsObject();
        node["apiVersion"] = resource.ApiVersion;
        node["kind"] = resource.Kind;
        return Encoding.UTF8.GetBytes(node.ToJsonString());
    }
}
