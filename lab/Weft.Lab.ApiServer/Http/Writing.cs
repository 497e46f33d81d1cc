using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Patches;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Http;

/// <summary>POST, PUT, PATCH and DELETE.</summary>
internal static class Writing
{
    public static async Task CreateAsync(Cluster cluster, Request request)
    {
        var options = request.WriteOptions();
        var document = await Body.RequiredAsync(request, request.Kind.Name);
        var stored = Creation.Create(cluster, request.Kind, request.Namespace, document, options);
        await AnswerAsync(request, 201, stored, options);
    }

    public static async Task ReplaceAsync(Cluster cluster, Request request)
    {
        var options = request.WriteOptions();
        var document = await Body.RequiredAsync(request, request.Kind.Name);
        if (
            request.Kind.AllowsCreateOnUpdate
            && request.Path.Subresource is null
            && cluster.Store.Find(request.Kind.Collection, request.Namespace, request.Name) is null
        )
        {
            document["metadata"]?["resourceVersion"]?.Parent!.AsObject().Remove("resourceVersion");
            var created = Creation.Create(cluster, request.Kind, request.Namespace, document, options);
            await AnswerAsync(request, 201, created, options);
            return;
        }

        var stored = Replacement.Replace(
            cluster,
            request.Kind,
            request.Namespace,
            request.Name,
            _ => document,
            request.Path.Subresource,
            options
        );
        await AnswerAsync(request, 200, stored, options);
    }

    public static async Task PatchAsync(Cluster cluster, Request request)
    {
        var options = request.WriteOptions();
        var patch = Patch.Of(
            request.Kind,
            Body.MediaType(request.Context.Request),
            await Body.BytesAsync(request.Context.Request)
        );
        if (patch.IsApply)
        {
            await ApplyAsync(cluster, request, patch.Document, options);
            return;
        }

        var stored = Replacement.Replace(
            cluster,
            request.Kind,
            request.Namespace,
            request.Name,
            patch.Apply,
            request.Path.Subresource,
            options,
            unconditional: true
        );
        await AnswerAsync(request, 200, stored, options);
    }

    public static async Task DeleteAsync(Cluster cluster, Request request)
    {
        var options = DeleteOptions.Of(await Body.DocumentAsync(request, "DeleteOptions"), request.Query);
        var (stored, gone) = Deletion.Delete(cluster, request.Kind, request.Namespace, request.Name, options);
        if (!gone || request.Kind.ReturnsDeleted)
        {
            await AnswerAsync(request, 200, stored, WriteOptions.Server);
            return;
        }

        var details = new JsonObject { ["name"] = stored.Name };
        if (request.Kind.Group.Length > 0)
        {
            details["group"] = request.Kind.Group;
        }

        details["kind"] = request.Kind.Plural;
        details["uid"] = stored.Uid;
        await Reply.JsonAsync(request.Context, 200, Success(details));
    }

    public static async Task DeleteCollectionAsync(Cluster cluster, Request request)
    {
        var options = DeleteOptions.Of(await Body.DocumentAsync(request, "DeleteOptions"), request.Query);
        var selection = Selection.Of(request);
        var chosen = cluster.Store.Collection(request.Kind.Collection).Objects.Where(selection.Matches).ToList();
        foreach (var stored in chosen)
        {
            try
            {
                Deletion.Delete(cluster, request.Kind, stored.Namespace, stored.Name, options);
            }
            catch (StatusException gone) when (gone.Code == 404)
            {
                // Somebody else was faster: it is what was wanted.
            }
        }

        var metadata = new JsonObject { ["resourceVersion"] = $"{cluster.Store.ResourceVersion}" };
        await Reply.BytesAsync(
            request.Context,
            200,
            request.Representation.MediaType,
            Presentation.Many(request, chosen, metadata)
        );
    }

    public static JsonObject Success(JsonObject? details = null, int? code = null)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
        };
        if (details is not null)
        {
            status["details"] = details;
        }

        if (code is { } number)
        {
            status["code"] = number;
        }

        return status;
    }

    private static async Task ApplyAsync(Cluster cluster, Request request, JsonObject applied, WriteOptions options)
    {
        if (request.Query("fieldManager") is not { Length: > 0 })
        {
            throw Failures.Invalid(
                new("meta.k8s.io", "v1", "", "PatchOptions", false),
                "",
                [FieldError.Required("fieldManager", "is required for apply patch")]
            );
        }

        if (cluster.Store.Find(request.Kind.Collection, request.Namespace, request.Name) is not null)
        {
            var stored = Replacement.Replace(
                cluster,
                request.Kind,
                request.Namespace,
                request.Name,
                live => Apply(cluster, request, live, applied, options),
                request.Path.Subresource,
                options,
                managed: true,
                unconditional: true
            );
            await AnswerAsync(request, 200, stored, options);
            return;
        }

        if (request.Path.Subresource is not null)
        {
            throw Failures.NotFound(request.Kind, request.Name);
        }

        var document = Apply(cluster, request, null, applied, options);
        var created = Creation.Create(cluster, request.Kind, request.Namespace, document, options, managed: true);
        await AnswerAsync(request, 201, created, options);
    }

    private static JsonObject Apply(
        Cluster cluster,
        Request request,
        JsonObject? live,
        JsonObject applied,
        WriteOptions options
    )
    {
        var configuration = (JsonObject)applied.DeepClone();
        Documents.Decode(request.Kind, configuration, options);
        configuration["metadata"]!["name"] ??= request.Name;
        var result = ServerSideApply.Apply(
            live,
            configuration,
            options.Manager,
            options.Force,
            request.Kind.ApiVersion,
            request.Path.Subresource,
            cluster.Now,
            request.Kind.Schema
        );
        return result.Object ?? throw Failures.ApplyConflict(result);
    }

    private static Task AnswerAsync(Request request, int code, StoredObject stored, WriteOptions options)
    {
        Reply.Warn(request.Context, options.Warnings);
        return Reply.BytesAsync(
            request.Context,
            code,
            request.Representation.MediaType,
            Presentation.One(request, stored)
        );
    }
}
