using System.Text.Json.Nodes;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class VerbTests
{
    private static readonly ObjectKey Key = new("default", "a");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_apply_names_its_manager_and_has_kind_and_version_without_nulls()
    {
        var request = await TakenAsync(client =>
            client.ApplyAsync(
                Kinds.ConfigMaps,
                new ConfigMap
                {
                    Metadata = new ObjectMeta { Namespace = "default", Name = "a" },
                    Data = new Dictionary<string, string> { ["k"] = "v" },
                },
                "weft-agent",
                force: true,
                Cancellation,
                "status"
            )
        );
        Assert.Equal(
            "/api/v1/namespaces/default/configmaps/a/status?fieldManager=weft-agent&force=true",
            request.Target
        );
        Assert.Equal("application/apply-patch+yaml", request.Headers["Content-Type"]);
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """
                    {"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"default","name":"a"},"data":{"k":"v"}}
                    """
                ),
                JsonNode.Parse(request.Body)
            ),
            request.Body
        );
    }

    [Fact]
    public async Task A_bookmark_is_read_of_kinds_too_that_have_required_fields()
    {
        await using var server = new ScriptedServer(async x =>
        {
            await x.BeginAsync();
            await x.SendAsync(Clients.Bookmark(7));
            await x.EndAsync();
        });
        using var client = Clients.Of(server.Connection);
        var events = await client
            .WatchAsync(WeftResources.Identities, new WatchOptions { ResourceVersion = "1" }, Cancellation)
            .ToListAsync(Cancellation);
        Assert.Equal((WatchEventType.Bookmark, "7"), (events[0].Type, events[0].ResourceVersion));
    }

    [Fact]
    public async Task A_delete_carries_its_preconditions()
    {
        var request = await TakenAsync(client =>
            client.DeleteAsync(
                Kinds.ConfigMaps,
                Key,
                new DeleteOptions
                {
                    Uid = "u1",
                    GracePeriodSeconds = 0,
                    PropagationPolicy = PropagationPolicy.Foreground,
                },
                Cancellation
            )
        );
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """
                    {"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0,
                     "propagationPolicy":"Foreground","preconditions":{"uid":"u1"}}
                    """
                ),
                JsonNode.Parse(request.Body)
            ),
            request.Body
        );
    }

    [Fact]
    public async Task A_list_asks_for_what_its_options_say()
    {
        var request = await TakenAsync(client =>
            client.ListAsync(
                Kinds.Pods,
                new ListOptions
                {
                    FieldSelector = "spec.nodeName=n1",
                    Limit = 5,
                    Continue = "a b",
                },
                Cancellation
            )
        );
        Assert.Equal("/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&limit=5&continue=a%20b", request.Target);
    }

    [Fact]
    public async Task A_key_without_namespace_is_refused_where_there_must_be_one()
    {
        using var client = Clients.Of(new ClusterConnection { Server = new Uri("http://127.0.0.1:1") });
        await Assert.ThrowsAsync<ArgumentException>(() =>
            client.GetAsync(Kinds.Pods, new ObjectKey(null, "a"), Cancellation)
        );
    }

    /// <summary>The request that a call makes.</summary>
    private static async Task<Exchange> TakenAsync(Func<KubernetesClient, Task> call)
    {
        Exchange? taken = null;
        await using var server = new ScriptedServer(x =>
        {
            taken = x;
            return x.AnswerAsync(200, Clients.List(1, null).Replace("List", "x", StringComparison.Ordinal));
        });
        using var client = Clients.Of(server.Connection);
        await call(client);
        return taken!;
    }
}
