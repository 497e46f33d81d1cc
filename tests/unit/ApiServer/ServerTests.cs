using System.Net;
using System.Text.Json.Nodes;

namespace Weft.Tests.Unit.ApiServer;

/// <summary>What the recorded exchanges do not show: over HTTP, against the server itself.</summary>
public sealed class ServerTests : IAsyncLifetime
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Pods = "/api/v1/namespaces/default/pods";

    private ServerUnderTest server = null!;

    public async ValueTask InitializeAsync() => server = await ServerUnderTest.StartAsync();

    public async ValueTask DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Nobody_is_let_in_without_credentials()
    {
        using var stranger = server.NewClient(authenticated: false);
        var cancellation = TestContext.Current.CancellationToken;
        using var refused = await stranger.GetAsync(ConfigMaps, cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var healthy = await stranger.GetAsync("/readyz", cancellation);
        Assert.Equal("ok", await healthy.Content.ReadAsStringAsync(cancellation));
    }

    [Fact]
    public async Task A_watch_goes_on_after_a_restart_from_where_it_was()
    {
        var first = await CreateAsync("a");
        await CreateAsync("b");
        await server.DoAsync("DELETE", $"{ConfigMaps}/a");
        await server.RestartAsync();
        var events = await WatchAsync($"{ConfigMaps}?watch=1&resourceVersion={Version(first)}", 2);
        Assert.Equal(["ADDED b", "DELETED a"], events);
        Assert.Equal("c", (string)(await CreateAsync("c"))["metadata"]!["name"]!);
    }

    [Fact]
    public async Task A_selector_is_left_by_a_deletion_and_entered_by_an_addition()
    {
        var before = await server.DoAsync("GET", ConfigMaps);
        await CreateAsync("a", "x");
        await LabelAsync("a", "y");
        await LabelAsync("a", "x");
        await server.DoAsync("DELETE", $"{ConfigMaps}/a");
        var events = await WatchAsync($"{ConfigMaps}?watch=1&labelSelector=l%3Dx&resourceVersion={Version(before)}", 4);
        Assert.Equal(["ADDED a", "DELETED a", "ADDED a", "DELETED a"], events);
    }

    [Fact]
    public async Task Pages_are_of_one_state_though_it_changes_between_them()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            await CreateAsync(name);
        }

        var first = await server.DoAsync("GET", $"{ConfigMaps}?limit=2");
        await server.DoAsync("DELETE", $"{ConfigMaps}/c");
        await CreateAsync("d");
        var second = await server.DoAsync("GET", $"{ConfigMaps}?limit=2&continue={first["metadata"]!["continue"]}");
        Assert.Equal(["c"], Names(second));
        Assert.Equal(Version(first), Version(second));
    }

    [Fact]
    public async Task What_is_owned_goes_with_its_owner()
    {
        var owner = await CreateAsync("owner");
        await OwnAsync("owned", owner, block: true);
        await server.DoAsync("DELETE", $"{ConfigMaps}/owner");
        Assert.Equal(404, (await server.SendAsync("GET", $"{ConfigMaps}/owned")).Code);
    }

    [Fact]
    public async Task An_orphan_stays_without_its_owner()
    {
        var owner = await CreateAsync("owner");
        await OwnAsync("owned", owner, block: true);
        await server.DoAsync("DELETE", $"{ConfigMaps}/owner?propagationPolicy=Orphan");
        var orphan = await server.DoAsync("GET", $"{ConfigMaps}/owned");
        Assert.Null(orphan["metadata"]!["ownerReferences"]);
    }

    [Fact]
    public async Task In_the_foreground_an_owner_waits_for_what_blocks_it()
    {
        var owner = await CreateAsync("owner");
        await OwnAsync("owned", owner, block: true, finalizer: "example.dev/x");
        await server.DoAsync("DELETE", $"{ConfigMaps}/owner?propagationPolicy=Foreground");
        Assert.NotNull((await server.DoAsync("GET", $"{ConfigMaps}/owner"))["metadata"]!["deletionTimestamp"]);
        var release = new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } };
        await server.DoAsync("PATCH", $"{ConfigMaps}/owned", release, "application/merge-patch+json");
        Assert.Equal(404, (await server.SendAsync("GET", $"{ConfigMaps}/owner")).Code);
    }

    [Fact]
    public async Task A_pod_on_a_node_stays_until_its_kubelet_deletes_it_for_good()
    {
        await server.DoAsync("POST", Pods, Pod("a"));
        var binding = new JsonObject
        {
            ["target"] = new JsonObject { ["kind"] = "Node", ["name"] = "n1" },
        };
        await server.DoAsync("POST", $"{Pods}/a/binding", binding);
        Assert.Equal(409, (await server.SendAsync("POST", $"{Pods}/a/binding", binding)).Code);
        await server.DoAsync("DELETE", $"{Pods}/a");
        var deleting = await server.DoAsync("GET", $"{Pods}/a");
        Assert.Equal(30, (int)deleting["metadata"]!["deletionGracePeriodSeconds"]!);
        await server.DoAsync("DELETE", $"{Pods}/a?gracePeriodSeconds=0");
        Assert.Equal(404, (await server.SendAsync("GET", $"{Pods}/a")).Code);
    }

    [Fact]
    public async Task A_service_keeps_its_address_and_no_other_gets_it()
    {
        const string services = "/api/v1/namespaces/default/services";
        var made = await server.DoAsync("POST", services, Service("a", null, "PreferDualStack"));
        var addresses = made["spec"]!["clusterIPs"]!.AsArray();
        Assert.StartsWith("10.96.", (string)addresses[0]!, StringComparison.Ordinal);
        Assert.StartsWith("fd00:10:96::", (string)addresses[1]!, StringComparison.Ordinal);
        var replaced = await server.DoAsync("PUT", $"{services}/a", Service("a", null, null));
        Assert.Equal((string)addresses[0]!, (string)replaced["spec"]!["clusterIP"]!);
        var (code, refused) = await server.SendAsync("POST", services, Service("b", (string)addresses[0]!, null));
        Assert.Equal(422, code);
        Assert.Contains("already allocated", (string)refused!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_old_resourceVersion_of_a_replaced_object_is_a_conflict()
    {
        var made = await CreateAsync("a");
        await LabelAsync("a", "x");
        var (code, status) = await server.SendAsync("PUT", $"{ConfigMaps}/a", made);
        Assert.Equal((409, "Conflict"), (code, (string)status!["reason"]!));
    }

    [Fact]
    public async Task An_event_is_the_same_in_both_of_its_groups()
    {
        var made = await server.DoAsync(
            "POST",
            "/apis/events.k8s.io/v1/namespaces/default/events",
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "e" },
                ["note"] = "something happened",
                ["regarding"] = new JsonObject
                {
                    ["kind"] = "Pod",
                    ["name"] = "p",
                    ["namespace"] = "default",
                },
            }
        );
        Assert.Equal("something happened", (string)made["note"]!);
        var core = await server.DoAsync("GET", "/api/v1/namespaces/default/events/e");
        Assert.Equal(
            ("v1", "something happened", "p"),
            ((string)core["apiVersion"]!, (string)core["message"]!, (string)core["involvedObject"]!["name"]!)
        );
    }

    [Fact]
    public async Task Only_protobuf_is_not_acceptable()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ConfigMaps);
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.kubernetes.protobuf");
        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
    }

    [Fact]
    public async Task A_list_of_the_future_says_when_to_ask_again()
    {
        using var response = await server.Client.GetAsync(
            $"{ConfigMaps}?resourceVersion=1000000",
            TestContext.Current.CancellationToken
        );
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
    }

    private Task<JsonObject> CreateAsync(string name, string label = "") =>
        server.DoAsync(
            "POST",
            ConfigMaps,
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["labels"] = new JsonObject { ["l"] = label },
                },
            }
        );

    private Task<JsonObject> LabelAsync(string name, string label) =>
        server.DoAsync(
            "PATCH",
            $"{ConfigMaps}/{name}",
            new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["l"] = label } } },
            "application/merge-patch+json"
        );

    private Task<JsonObject> OwnAsync(string name, JsonObject owner, bool block, string? finalizer = null) =>
        server.DoAsync(
            "POST",
            ConfigMaps,
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["finalizers"] = finalizer is null ? null : new JsonArray(finalizer),
                    ["ownerReferences"] = new JsonArray(
                        new JsonObject
                        {
                            ["apiVersion"] = "v1",
                            ["kind"] = "ConfigMap",
                            ["name"] = (string)owner["metadata"]!["name"]!,
                            ["uid"] = (string)owner["metadata"]!["uid"]!,
                            ["blockOwnerDeletion"] = block,
                        }
                    ),
                },
            }
        );

    private async Task<IReadOnlyList<string>> WatchAsync(string path, int count)
    {
        using var stream = await server.Client.GetStreamAsync(path, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var events = new List<string>();
        while (events.Count < count)
        {
            var line = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
            var told = JsonNode.Parse(line!)!;
            events.Add($"{told["type"]} {told["object"]!["metadata"]!["name"]}");
        }

        return events;
    }

    private static string Version(JsonObject document) => (string)document["metadata"]!["resourceVersion"]!;

    private static IEnumerable<string> Names(JsonObject list) =>
        list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!);

    private static JsonObject Pod(string name) =>
        new()
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "host" }),
            },
        };

    private static JsonObject Service(string name, string? address, string? policy) =>
        new()
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["clusterIP"] = address,
                ["ipFamilyPolicy"] = policy,
                ["selector"] = new JsonObject { ["a"] = "b" },
                ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 }),
            },
        };
}
