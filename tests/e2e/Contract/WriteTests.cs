using System.Net;
using System.Text.Json.Nodes;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>Our client's verbs that read or write one object, and how it tells what the server refuses.</summary>
public abstract class WriteTests(ControlPlane cluster) : ContractTests(cluster)
{
    [Fact]
    public async Task What_is_not_there_is_null_or_not_found()
    {
        Assert.Null(await Client.FindAsync(Kinds.ConfigMaps, Key("none"), Cancellation));
        var refused = await RefusedAsync(() => Client.GetAsync(Kinds.ConfigMaps, Key("none"), Cancellation));
        Assert.True(refused.IsNotFound);
        Assert.Equal("configmaps \"none\" not found", refused.Message);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_no_conflict()
    {
        await CreateAsync(Map("one"));
        var refused = await RefusedAsync(() => CreateAsync(Map("one")));
        Assert.True(refused.IsAlreadyExists);
        Assert.False(refused.IsConflict);
    }

    [Fact]
    public async Task The_server_makes_up_a_name()
    {
        var map = Map("one");
        var made = await CreateAsync(map with { Metadata = map.Metadata with { Name = null, GenerateName = "made-" } });
        Assert.StartsWith("made-", made.Metadata.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_replacements_of_one_version_the_second_is_a_conflict()
    {
        var created = await CreateAsync(Map("one"));
        var replaced = await ReplaceAsync(Map("one", "2") with { Metadata = created.Metadata });
        Assert.NotEqual(created.Metadata.ResourceVersion, replaced.Metadata.ResourceVersion);
        Assert.Equal(created.Metadata.Uid, replaced.Metadata.Uid);

        var refused = await RefusedAsync(() => ReplaceAsync(Map("one", "3") with { Metadata = created.Metadata }));
        Assert.True(refused.IsConflict);
        var now = await Client.GetAsync(Kinds.ConfigMaps, Key("one"), Cancellation);
        Assert.Equal("2", now.Data!["text"]);
    }

    [Fact]
    public async Task A_merge_patch_and_a_JSON_patch_change_what_they_name()
    {
        await CreateAsync(Map("one"));
        var merge = Patch.Merge("""{"data": {"more": "2"}}"""u8.ToArray());
        var merged = await Client.PatchAsync(Kinds.ConfigMaps, Key("one"), merge, Cancellation);
        Assert.Equal(["more", "text"], merged.Data!.Keys.Order());

        var json = Patch.Json("""[{"op": "remove", "path": "/data/text"}]"""u8.ToArray());
        var removed = await Client.PatchAsync(Kinds.ConfigMaps, Key("one"), json, Cancellation);
        Assert.Equal(["more"], removed.Data!.Keys);
    }

    [Fact]
    public async Task A_strategic_patch_of_a_nodes_condition_leaves_the_others()
    {
        var node = await CreateNodeAsync();
        await PatchStatusAsync(node, Condition("Ready", "True"));
        var patched = await PatchStatusAsync(node, Condition("NetworkUnavailable", "False"));
        Assert.Equal(
            [("NetworkUnavailable", "False"), ("Ready", "True")],
            patched.Status!.Conditions!.Select(condition => (condition.Type, condition.Status)).Order()
        );

        static string Condition(string type, string status) =>
            $$$"""{"status": {"conditions": [{"type": "{{{type}}}", "status": "{{{status}}}"}]}}""";
    }

    [Fact]
    public async Task Status_is_written_by_its_subresource_only()
    {
        var node = await CreateNodeAsync();
        var patch = Patch.Merge("""{"spec": {"unschedulable": true}, "status": {"phase": "Running"}}"""u8.ToArray());
        var spec = await Client.PatchAsync(Kinds.Nodes.Unstructured, node, patch, Cancellation);
        Assert.True(spec.Fields!["spec"]!["unschedulable"]!.GetValue<bool>());
        Assert.Null(spec.Fields["status"]!["phase"]);

        patch = Patch.Merge("""{"spec": {"unschedulable": null}, "status": {"phase": "Running"}}"""u8.ToArray());
        var status = await Client.PatchAsync(Kinds.Nodes.Unstructured, node, patch, Cancellation, "status");
        Assert.True(status.Fields!["spec"]!["unschedulable"]!.GetValue<bool>());
        Assert.Equal("Running", status.Fields["status"]!["phase"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_field_that_another_manager_applied_is_a_conflict_until_forced()
    {
        await ApplyAsync("first", "1", force: false);
        var refused = await RefusedAsync(() => ApplyAsync("second", "2", force: false));
        Assert.True(refused.IsConflict);
        var cause = Assert.Single(refused.Status!.Details!.Causes!);
        Assert.Equal(("FieldManagerConflict", ".data.text"), (cause.Reason, cause.Field));
        Assert.Contains("\"first\"", cause.Message, StringComparison.Ordinal);

        var forced = await ApplyAsync("second", "2", force: true);
        Assert.Equal("2", forced.Data!["text"]);
        refused = await RefusedAsync(() => ApplyAsync("first", "1", force: false));
        Assert.True(refused.IsConflict);
    }

    [Fact]
    public async Task A_field_that_its_only_manager_leaves_out_goes()
    {
        await ApplyAsync("first", "1", force: false);
        var bare = Map("applied") with { Data = null };
        var left = await Client.ApplyAsync(Kinds.ConfigMaps, bare, "first", force: false, Cancellation);
        Assert.Null(left.Data);
    }

    [Fact]
    public async Task An_object_that_came_again_is_not_deleted_for_the_old_one()
    {
        var old = await CreateAsync(Map("one"));
        await DeleteAsync("one");
        await CreateAsync(Map("one"));
        var refused = await RefusedAsync(() => DeleteIfAsync(new DeleteOptions { Uid = old.Metadata.Uid }));
        Assert.True(refused.IsConflict);
        refused = await RefusedAsync(() =>
            DeleteIfAsync(new DeleteOptions { ResourceVersion = old.Metadata.ResourceVersion })
        );
        Assert.True(refused.IsConflict);
        await DeleteIfAsync(new DeleteOptions { GracePeriodSeconds = 0 });
        Assert.Null(await Client.FindAsync(Kinds.ConfigMaps, Key("one"), Cancellation));

        Task DeleteIfAsync(DeleteOptions options) =>
            Client.DeleteAsync(Kinds.ConfigMaps, Key("one"), options, Cancellation);
    }

    [Fact]
    public async Task In_the_foreground_an_owner_waits_for_what_it_owns()
    {
        var owner = await CreateAsync(Map("owner"));
        var owned = Map("owned");
        var reference = new OwnerReference
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Name = "owner",
            Uid = owner.Metadata.Uid!,
            BlockOwnerDeletion = true,
        };
        // A finalizer that nobody takes away, so that it stays on a server that collects garbage too.
        var meta = owned.Metadata with
        {
            OwnerReferences = [reference],
            Finalizers = ["weft.dev/test"],
        };
        await CreateAsync(owned with { Metadata = meta });
        var options = new DeleteOptions { PropagationPolicy = PropagationPolicy.Foreground };
        await Client.DeleteAsync(Kinds.ConfigMaps, Key("owner"), options, Cancellation);
        var deleting = await Client.GetAsync(Kinds.ConfigMaps, Key("owner"), Cancellation);
        Assert.NotNull(deleting.Metadata.DeletionTimestamp);
        Assert.Equal(["foregroundDeletion"], deleting.Metadata.Finalizers);
    }

    [Fact]
    public async Task What_is_wrong_with_an_object_is_told_field_by_field()
    {
        var map = Map("Not a name");
        var refused = await RefusedAsync(() =>
            CreateAsync(
                map with
                {
                    Metadata = map.Metadata with { Labels = new Dictionary<string, string> { ["-"] = "" } },
                }
            )
        );
        Assert.True(refused.IsInvalid);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Code);
        Assert.Equal(
            ["metadata.labels", "metadata.name"],
            refused.Status!.Details!.Causes!.Select(cause => cause.Field).Distinct().Order()
        );
    }

    private Task<ConfigMap> ApplyAsync(string manager, string text, bool force) =>
        Client.ApplyAsync(Kinds.ConfigMaps, Map("applied", text), manager, force, Cancellation);

    private async Task<ObjectKey> CreateNodeAsync()
    {
        var node = new Node { Metadata = new ObjectMeta { Name = Namespace } };
        return ObjectKey.Of(await Client.CreateAsync(Kinds.Nodes, node, Cancellation));
    }

    private Task<Node> PatchStatusAsync(ObjectKey node, string change) =>
        Client.PatchAsync(
            Kinds.Nodes,
            node,
            Patch.Strategic(JsonNode.Parse(change)!.AsObject()),
            Cancellation,
            "status"
        );
}
