using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Defaults;
using Weft.Lab.ApiServer.Patches;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Tests.Unit.ApiServer;

/// <summary>Writes that were recorded with a real API server, through the pure parts of ours.</summary>
public sealed class RecordedWriteTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(18)] // Pod
    [InlineData(27)] // Deployment
    [InlineData(54)] // Service
    [InlineData(72)] // NetworkPolicy
    [InlineData(84)] // CustomResourceDefinition
    [InlineData(91)] // a custom resource
    [InlineData(192)] // ConfigMap
    [InlineData(193)]
    [InlineData(197)] // Lease
    [InlineData(200)] // Node
    [InlineData(203)] // Service of type NodePort
    [InlineData(204)] // headless Service
    [InlineData(205)] // Event
    [InlineData(206)] // NetworkPolicy for egress
    [InlineData(31)] // strategic merge of a Deployment
    [InlineData(40)] // merge patches of a Pod
    [InlineData(43)]
    [InlineData(46)]
    [InlineData(58)] // strategic merge of a Service
    [InlineData(100)] // JSON patch of managedFields
    [InlineData(110)] // JSON patch of a custom resource
    [InlineData(113)] // its status
    [InlineData(173)] // PUT
    [InlineData(176)] // strategic merge of a ConfigMap
    [InlineData(183)] // finalizers
    [InlineData(186)]
    [InlineData(198)] // PUT of a Lease
    [InlineData(201)] // strategic merge of a Node's status
    public void A_write_has_the_owners_and_the_content_that_a_real_server_gives_it(int exchange)
    {
        var e = Exchange.Number(exchange);
        var written = Write(e);
        Assert.Equal(Exchange.ManagedFields(e.Response), Exchange.ManagedFields(written));
        foreach (var content in (string[])["spec", "data", "involvedObject", "source"])
        {
            Exchange.AssertSame(WithoutAllocated(e, e.Response[content]), WithoutAllocated(e, written[content]));
        }
        if (e.Kind is not ("Deployment" or "Pod" or "CustomResourceDefinition") && e.Subresource is null)
        {
            Exchange.AssertSame(e.Response["status"], written["status"]);
        }
        Exchange.AssertSame(e.Response["metadata"]!["labels"], written["metadata"]!["labels"]);
        // The recorded pods have lost the volume that their containers mount.
        if (e.Kind != "Pool" && !(e.Kind == "Pod" && e.Before is not null))
        {
            Assert.Empty(BuiltIn.Validate(written, e.Before));
        }
    }

    [Theory]
    [InlineData(77)]
    [InlineData(207)]
    public void A_policy_is_refused_with_the_causes_that_a_real_server_names(int exchange)
    {
        var e = Exchange.Number(exchange);
        var policy = e.Body;
        policy["apiVersion"] = "networking.k8s.io/v1";
        policy["kind"] = "NetworkPolicy";
        BuiltIn.Default(policy);
        AssertCauses(e.Response, "NetworkPolicy.networking.k8s.io", BuiltIn.Validate(policy, null));
    }

    internal static void AssertCauses(JsonObject status, string kind, IReadOnlyList<FieldError> errors)
    {
        Assert.Equal((string?)status["message"], FieldError.Summary(kind, (string)status["details"]!["name"]!, errors));
        Assert.Equal(
            status["details"]!["causes"]!
                .AsArray()
                .Select(c => new FieldError((string)c!["reason"]!, (string)c["field"]!, (string)c["message"]!)),
            errors
        );
    }

    private static JsonObject Write(Exchange e)
    {
        var doc = e switch
        {
            { Before: null } => e.Body,
            { ContentType: "application/strategic-merge-patch+json" } => StrategicMerge.Apply(
                e.Before,
                e.Body,
                Schema(e)
            ),
            { ContentType: "application/merge-patch+json" } => MergePatch.Apply(e.Before, e.Body),
            { ContentType: "application/json-patch+json" } => JsonPatch.Apply(e.Before, e.Request.AsArray()).AsObject(),
            _ => e.Body,
        };
        doc["apiVersion"] = e.ApiVersion;
        doc["kind"] = e.Kind;
        if (e.Kind == "Pool")
        {
            Defaulting.Apply(doc, Schema(e)!);
        }
        else
        {
            doc["metadata"]!.AsObject().TryAdd("namespace", e.Response["metadata"]!["namespace"]?.DeepClone());
            BuiltIn.Default(doc);
        }
        return ManagedFields.Update(e.Before, doc, e.Manager, e.ApiVersion, e.Subresource, Now, Schema(e));
    }

    private static KindSchema? Schema(Exchange e) =>
        e.Kind == "Pool" ? ServerSideApplyTests.Pool : KindSchema.OfBuiltIn(e.ApiVersion, e.Kind);

    /// <summary>Without what the server allocates, or admission adds, after the defaults.</summary>
    private static JsonNode? WithoutAllocated(Exchange e, JsonNode? content)
    {
        if (content?.DeepClone() is not JsonObject spec)
        {
            return content;
        }
        foreach (
            var name in (string[])
                [
                    "clusterIP",
                    "clusterIPs",
                    "ipFamilies",
                    "ipFamilyPolicy",
                    "volumes",
                    "serviceAccount",
                    "serviceAccountName",
                    "tolerations",
                    "priority",
                    "preemptionPolicy",
                    "taints",
                ]
        )
        {
            spec.Remove(name);
        }
        foreach (var port in spec["ports"] as JsonArray ?? [])
        {
            port!.AsObject().Remove("nodePort");
        }
        foreach (var container in spec["containers"] as JsonArray ?? [])
        {
            container!.AsObject().Remove("volumeMounts");
        }
        return spec;
    }
}
