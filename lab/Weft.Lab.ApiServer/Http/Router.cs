using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Weft.Lab.ApiServer.Patches;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Http;

/// <summary>From a path and a verb to what answers it.</summary>
internal sealed partial class Router(
    Cluster cluster,
    Credentials credentials,
    ILogger logger,
    CancellationToken stopping
)
{
    private readonly OpenApiDocuments openApi = new();

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (StatusException failure)
        {
            await Reply.StatusAsync(context, failure);
        }
        catch (PatchException refused)
        {
            await Reply.StatusAsync(context, Failures.Of(refused));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            LogFailed(logger, e, context.Request.Method, context.Request.Path);
            await Reply.StatusAsync(context, Failures.Internal(e.Message));
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        var parts = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (parts)
        {
            // Open to everybody, as the real server's defaults have it.
            case ["version"]:
                return Reply.JsonAsync(context, 200, Discovery.Version());
            case ["healthz" or "livez" or "readyz", ..]:
                return Reply.TextAsync(context, 200, "ok");
        }

        if (!credentials.Accept(context))
        {
            throw Failures.Unauthorized();
        }

        return parts switch
        {
            ["api"] => DiscoverAsync(context, core: true),
            ["apis"] => DiscoverAsync(context, core: false),
            ["api", "v1"] => ResourcesAsync(context, "", "v1"),
            ["apis", var group] when cluster.Kinds.HasGroup(group) => Reply.JsonAsync(
                context,
                200,
                Discovery.Group(cluster.Kinds, group)
            ),
            ["apis", var group, var version] when cluster.Kinds.HasVersion(group, version) => ResourcesAsync(
                context,
                group,
                version
            ),
            ["api", "v1", .. var rest] => ResourceAsync(context, ResourcePath.Parse("", "v1", rest)),
            ["apis", var group, var version, _, ..] when cluster.Kinds.HasVersion(group, version) => ResourceAsync(
                context,
                ResourcePath.Parse(group, version, parts.AsSpan(3))
            ),
            ["openapi", .. var rest] => openApi.AnswerAsync(context, cluster.Kinds, string.Join('/', rest)),
            _ => Reply.TextAsync(context, 404, "404 page not found\n"),
        };
    }

    private Task DiscoverAsync(HttpContext context, bool core)
    {
        var representation = Representation.Of(context.Request.Headers.Accept);
        var document =
            representation.Type == RepresentationType.AggregatedDiscovery ? Discovery.Aggregated(cluster.Kinds, core)
            : core ? Discovery.Core(cluster.Kinds, context.Request.Host.Value ?? "")
            : Discovery.Groups(cluster.Kinds);
        return Reply.CacheableAsync(context, representation.MediaType, JsonText.Bytes(document));
    }

    private Task ResourcesAsync(HttpContext context, string group, string version) =>
        Reply.JsonAsync(context, 200, Discovery.Resources(cluster.Kinds, group, version));

    private Task ResourceAsync(HttpContext context, ResourcePath? path)
    {
        var kind = path is null ? null : cluster.Kinds.Find(path.Group, path.Version, path.Plural);
        if (path is null || kind is null || path.Namespace is not null && !kind.Namespaced)
        {
            throw Failures.UnknownResource();
        }

        // Without a namespace there are only all objects of a namespaced kind, to be read.
        if (kind.Namespaced && path.Namespace is null && path.Name is not null)
        {
            throw Failures.UnknownResource();
        }

        var request = new Request(context, kind, path, Representation.Of(context.Request.Headers.Accept), cluster.Now);
        var verb = context.Request.Method;
        return path switch
        {
            { Name: null } => CollectionAsync(request, verb),
            { Subresource: null } => ObjectAsync(request, verb),
            _ => SubresourceAsync(request, verb, path.Subresource),
        };
    }

    private Task CollectionAsync(Request request, string verb) =>
        verb switch
        {
            "GET" when request.Flag("watch") => new Watching(cluster, request, stopping).RunAsync(),
            "GET" => Listing.ListAsync(cluster, request),
            "POST" when request.Kind.Namespaced == request.Namespace is not null => Writing.CreateAsync(
                cluster,
                request
            ),
            "DELETE" when request.Kind.HasDeleteCollection => Writing.DeleteCollectionAsync(cluster, request),
            _ => throw Failures.MethodNotAllowed(),
        };

    private Task ObjectAsync(Request request, string verb) =>
        verb switch
        {
            "GET" when request.Flag("watch") => new Watching(cluster, request, stopping).RunAsync(),
            "GET" => GetAsync(request),
            "PUT" => Writing.ReplaceAsync(cluster, request),
            "PATCH" => Writing.PatchAsync(cluster, request),
            "DELETE" => Writing.DeleteAsync(cluster, request),
            _ => throw Failures.MethodNotAllowed(),
        };

    private Task SubresourceAsync(Request request, string verb, string subresource) =>
        (subresource, verb) switch
        {
            ("status", "GET") when request.Kind.HasStatus => GetAsync(request),
            ("status", "PUT") when request.Kind.HasStatus => Writing.ReplaceAsync(cluster, request),
            ("status", "PATCH") when request.Kind.HasStatus => Writing.PatchAsync(cluster, request),
            ("scale", "GET") when request.Kind.Scale is not null => Subresources.ScaleAsync(cluster, request),
            ("scale", "PUT" or "PATCH") when request.Kind.Scale is not null => Subresources.RescaleAsync(
                cluster,
                request
            ),
            ("binding", "POST") when request.Kind.Creations.ContainsKey("binding") => Subresources.BindAsync(
                cluster,
                request
            ),
            ("eviction", "POST") when request.Kind.Creations.ContainsKey("eviction") => Subresources.EvictAsync(
                cluster,
                request
            ),
            ("status", _) when request.Kind.HasStatus => throw Failures.MethodNotAllowed(),
            ("scale", _) when request.Kind.Scale is not null => throw Failures.MethodNotAllowed(),
            (_, _) when request.Kind.Creations.ContainsKey(subresource) => throw Failures.MethodNotAllowed(),
            _ => throw Failures.UnknownResource(),
        };

    private Task GetAsync(Request request)
    {
        var stored =
            cluster.Store.Find(request.Kind.Collection, request.Namespace, request.Name)
            ?? throw Failures.NotFound(request.Kind, request.Name);
        return Reply.BytesAsync(
            request.Context,
            200,
            request.Representation.MediaType,
            Presentation.One(request, stored)
        );
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string path);
}
