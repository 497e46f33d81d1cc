using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Patches;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Schemas.BuiltIn;

namespace Weft.Tests.Unit.ApiServer;

public sealed class ServerSideApplyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>The schema of the custom resource in the recorded exchanges.</summary>
    internal static KindSchema Pool { get; } =
        KindSchema.OfVersion(Exchange.Number(84).Response["spec"]!["versions"]![0]!.AsObject())!;

    [Theory]
    [InlineData(98)]
    [InlineData(99)]
    [InlineData(101)]
    [InlineData(104)]
    [InlineData(179)]
    [InlineData(181)]
    [InlineData(182)]
    public void An_apply_leaves_the_owners_that_a_real_server_names(int exchange)
    {
        var e = Exchange.Number(exchange);
        var result = Apply(e.Before, e.Body, e.Manager, e.Path.Contains("force=true", StringComparison.Ordinal));
        Assert.Empty(result.Conflicts);
        Assert.Equal(Exchange.ManagedFields(e.Response), Exchange.ManagedFields(result.Object));
        Exchange.AssertSame(e.Response["data"], result.Object!["data"]);
    }

    [Fact]
    public void A_field_of_another_applier_is_a_conflict()
    {
        var e = Exchange.Number(180);
        var result = Apply(e.Before, e.Body, e.Manager, force: false);
        Assert.Null(result.Object);
        Assert.Equal((string?)e.Response["message"], result.Message);
        var cause = Assert.Single(result.Causes);
        Assert.Equal((string?)e.Response["details"]!["causes"]![0]!["message"], cause.Message);
        Assert.Equal((string?)e.Response["details"]!["causes"]![0]!["field"], cause.Field);
        Assert.Equal((string?)e.Response["details"]!["causes"]![0]!["reason"], cause.Reason);
    }

    [Fact]
    public void Several_conflicts_are_listed_by_manager()
    {
        var live = Apply(null, ConfigMap("""{"a":"1","b":"1"}"""), "one", false).Object!;
        live = Apply(live, ConfigMap("""{"c":"1"}"""), "two", false).Object!;
        var changed = live.DeepClone().AsObject();
        changed["data"]!["d"] = "1";
        live = ManagedFields.Update(live, changed, "three", "v1", null, Now, Schema(live));
        var result = Apply(live, ConfigMap("""{"a":"2","b":"2","c":"2","d":"2"}"""), "four", false);
        Assert.Equal(
            """
            Apply failed with 4 conflicts: conflicts with "one":
            - .data.a
            - .data.b
            conflicts with "three" using v1 at 2026-01-02T03:04:05Z:
            - .data.d
            conflicts with "two":
            - .data.c
            """.ReplaceLineEndings("\n"),
            result.Message
        );
    }

    [Fact]
    public void What_a_manager_no_longer_applies_goes_unless_another_owns_it()
    {
        var live = Apply(
            null,
            Deployment("""{"replicas":2,"minReadySeconds":3,"paused":true}"""),
            "one",
            false
        ).Object!;
        live = Apply(live, Deployment("""{"minReadySeconds":3}"""), "two", false).Object!;
        live = Apply(live, Deployment("""{"paused":true}"""), "one", false).Object!;
        Assert.Null(live["spec"]!["replicas"]);
        Assert.Equal(3, (int?)live["spec"]!["minReadySeconds"]);
        Assert.True((bool?)live["spec"]!["paused"]);
    }

    [Fact]
    public void Elements_of_a_keyed_list_are_merged_in_the_applied_order()
    {
        var live = Apply(
            null,
            Deployment("""{"template":{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}}"""),
            "one",
            false
        ).Object!;
        live = Apply(
            live,
            Deployment("""{"template":{"spec":{"containers":[{"name":"c","image":"2"},{"name":"b","tty":true}]}}}"""),
            "two",
            false
        ).Object!;
        var containers = live["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        Assert.Equal(["a", "c", "b"], containers.Select(c => (string?)c!["name"]));
        Assert.Equal("1", (string?)containers[2]!["image"]);
        live = Apply(
            live,
            Deployment("""{"template":{"spec":{"containers":[{"name":"b","tty":true}]}}}"""),
            "two",
            false
        ).Object!;
        Assert.Equal(
            ["a", "b"],
            live["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Select(c => (string?)c!["name"])
        );
    }

    [Fact]
    public void Applying_twice_is_the_same_as_once()
    {
        foreach (var spec in Specs())
        {
            var once = Apply(
                Apply(null, Deployment("""{"replicas":1}"""), "other", false).Object,
                Deployment(spec),
                "m",
                true
            ).Object!;
            var twice = Apply(once, Deployment(spec), "m", false).Object!;
            Exchange.AssertSame(once, twice);
        }
    }

    [Fact]
    public void A_manager_that_applies_nothing_owns_nothing_and_leaves_nothing()
    {
        foreach (var spec in Specs())
        {
            var start = Apply(null, Deployment("""{"replicas":1}"""), "other", false).Object!;
            var applied = Apply(start, Deployment(spec), "m", true).Object!;
            var emptied = Apply(applied, Bare("apps/v1", "Deployment"), "m", false).Object!;
            Assert.DoesNotContain("\"m\"", Exchange.ManagedFields(emptied), StringComparison.Ordinal);
            Assert.Equal(
                start["spec"]!["replicas"] is not null && !spec.Contains("replicas", StringComparison.Ordinal),
                emptied["spec"]?["replicas"] is not null
            );
            Assert.Null(emptied["spec"]?["template"]?["spec"]?["containers"]);
        }
    }

    [Fact]
    public void A_field_the_schema_does_not_have_cannot_be_applied()
    {
        var e = Assert.Throws<PatchException>(() => Apply(null, Deployment("""{"replcas":1}"""), "m", false));
        Assert.Equal(500, e.Code);
        Assert.Equal(
            "failed to create typed patch object (demo/x; apps/v1, Kind=Deployment): .spec.replcas: field not declared in schema",
            e.Message
        );
    }

    [Fact]
    public void An_element_cannot_be_applied_twice()
    {
        var e = Assert.Throws<PatchException>(() =>
            Apply(null, Deployment("""{"template":{"spec":{"containers":[{"name":"a"},{"name":"a"}]}}}"""), "m", false)
        );
        Assert.EndsWith(
            ".spec.template.spec.containers: duplicate entries for key [name=\"a\"]",
            e.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void kubectl_takes_over_what_client_side_apply_set()
    {
        var old = ConfigMap("""{"a":"1","b":"1"}""");
        var live = old.DeepClone().AsObject();
        live["metadata"]!["annotations"] = new JsonObject
        {
            ["kubectl.kubernetes.io/last-applied-configuration"] = old.ToJsonString(),
        };
        live = ManagedFields.Update(null, live, "kubectl-client-side-apply", "v1", null, Now, Schema(live));
        var result = Apply(live, ConfigMap("""{"a":"2","b":"1"}"""), "kubectl", false);
        Assert.Empty(result.Conflicts);
        Assert.Equal("2", (string?)result.Object!["data"]!["a"]);
        Assert.Contains(
            "\"a\":\"2\"",
            (string?)result.Object["metadata"]!["annotations"]!["kubectl.kubernetes.io/last-applied-configuration"],
            StringComparison.Ordinal
        );
        Assert.NotEmpty(Apply(live, ConfigMap("""{"a":"2"}"""), "someone", false).Conflicts);
    }

    private static IEnumerable<string> Specs() =>
        [
            """{"replicas":3}""",
            """{"minReadySeconds":3,"strategy":{"type":"Recreate"}}""",
            """{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"a","ports":[{"containerPort":80},{"containerPort":80,"protocol":"UDP"}],"env":[{"name":"X","value":"1"}]}]}}}""",
            """{"selector":{"matchLabels":{"a":"b"}},"template":{"spec":{"volumes":[{"name":"v","emptyDir":{}}],"tolerations":[{"operator":"Exists"}]}}}""",
        ];

    private static JsonObject Bare(string apiVersion, string kind) =>
        new()
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = "x", ["namespace"] = "demo" },
        };

    private static JsonObject ConfigMap(string data)
    {
        var doc = Bare("v1", "ConfigMap");
        doc["data"] = JsonNode.Parse(data);
        return doc;
    }

    private static JsonObject Deployment(string spec)
    {
        var doc = Bare("apps/v1", "Deployment");
        doc["spec"] = JsonNode.Parse(spec);
        return doc;
    }

    private static KindSchema? Schema(JsonObject doc) =>
        (string?)doc["kind"] == "Pool" ? Pool : BuiltInTypes.Find((string)doc["apiVersion"]!, (string)doc["kind"]!);

    private static ApplyResult Apply(JsonObject? live, JsonObject applied, string manager, bool force) =>
        ServerSideApply.Apply(
            live,
            applied,
            manager,
            force,
            (string)applied["apiVersion"]!,
            null,
            Now,
            Schema(applied)
        );
}
