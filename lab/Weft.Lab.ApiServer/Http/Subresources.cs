using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Http;

/// <summary>Subresources whose body is of another kind: scale, and what is posted to a pod.</summary>
internal static class Subresources
{
    public static Task ScaleAsync(Cluster cluster, Request request)
    {
        var stored =
            cluster.Store.Find(request.Kind.Collection, request.Namespace, request.Name)
            ?? throw Failures.NotFound(request.Kind, request.Name);
        return AnswerAsync(request, stored);
    }

    public static async Task RescaleAsync(Cluster cluster, Request request)
    {
        var kind = request.Kind;
        Func<JsonObject, JsonObject> change;
        if (request.Context.Request.Method == "PATCH")
        {
            // A Scale has no lists, so that every kind of merging does the same.
            var scaleKind = new Kinds.Kind("autoscaling", "v1", "", "Scale", true);
            var mediaType = Body.MediaType(request.Context.Request);
            var patch = Patch.Of(scaleKind, mediaType, await Body.BytesAsync(request.Context.Request));
            change = document =>
            {
                var scale = Scaling.Of(kind.Scale!, document);
                return Scaling.Into(kind, document, patch.Apply(scale));
            };
        }
        else
        {
            var scale = await Body.RequiredAsync(request, "Scale");
            change = document => Scaling.Into(kind, document, scale);
        }

        var stored = Replacement.Replace(
            cluster,
            kind,
            request.Namespace,
            request.Name,
            change,
            "scale",
            request.WriteOptions(),
            unconditional: true
        );
        await AnswerAsync(request, stored);
    }

    /// <summary>The scheduler's decision: the pod has a node from here on.</summary>
    public static async Task BindAsync(Cluster cluster, Request request)
    {
        var binding = await Body.RequiredAsync(request, "Binding");
        var node = (binding["target"]?["name"]).Text() is { Length: > 0 } name
            ? name
            : throw Failures.Invalid(
                new("", "v1", "", "Binding", true),
                request.Name,
                [FieldError.Required("target.name", "")]
            );
        var options = request.WriteOptions();
        cluster.Write(() =>
        {
            var stored =
                cluster.Store.Find(request.Kind.Collection, request.Namespace, request.Name)
                ?? throw Failures.NotFound(request.Kind, request.Name);
            var pod = stored.Document();
            if ((pod["spec"]?["nodeName"]).Text() is { Length: > 0 } other)
            {
                throw Failures.Conflict(
                    new("", "v1", "pods/binding", "Pod", true),
                    request.Name,
                    $"pod {request.Name} is already assigned to node \"{other}\""
                );
            }

            pod.Child("spec")["nodeName"] = node;
            Scheduled(pod, cluster.Now);
            return options.DryRun ? stored : cluster.Put(request.Kind.Collection, stored, pod);
        });
        await Reply.JsonAsync(request.Context, 201, Writing.Success(code: 201));
    }

    /// <summary>A deletion that may be refused to keep enough pods; nothing here asks for that.</summary>
    public static async Task EvictAsync(Cluster cluster, Request request)
    {
        var eviction = await Body.RequiredAsync(request, "Eviction");
        var options = DeleteOptions.Of(eviction["deleteOptions"] as JsonObject, request.Query);
        Deletion.Delete(cluster, request.Kind, request.Namespace, request.Name, options);
        await Reply.JsonAsync(request.Context, 201, Writing.Success(code: 201));
    }

    private static void Scheduled(JsonObject pod, DateTimeOffset now)
    {
        var status = pod.Child("status");
        var conditions = status["conditions"]
            .Objects()
            .Where(condition => condition["type"].Text() != "PodScheduled")
            .Select(condition => condition.DeepClone())
            .Append(
                new JsonObject
                {
                    ["type"] = "PodScheduled",
                    ["status"] = "True",
                    ["lastProbeTime"] = null,
                    ["lastTransitionTime"] = Fields.Time(now),
                }
            );
        status["conditions"] = new JsonArray([.. conditions]);
    }

    private static Task AnswerAsync(Request request, StoredObject stored) =>
        Reply.JsonAsync(request.Context, 200, Scaling.Of(request.Kind.Scale!, stored.Document()));
}
