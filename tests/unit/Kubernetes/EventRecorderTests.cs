using System.Text.Json.Nodes;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Tests.Unit.Agent;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class EventRecorderTests
{
    private static readonly Node Node = new()
    {
        Metadata = new ObjectMeta { Name = "n1", Uid = "u1" },
    };

    [Fact]
    public async Task A_repeated_event_is_one_object_with_a_count()
    {
        var clock = new Clock();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var bodies = new List<(string Method, JsonNode Body)>();
        await using var server = new ScriptedServer(async x =>
        {
            bodies.Add((x.Method, JsonNode.Parse(x.Body)!));
            await x.AnswerAsync(201, """{"metadata":{"name":"e"}}""");
            if (x.Body.Contains("it is over", StringComparison.Ordinal))
            {
                seen.SetResult();
            }
        });
        using var client = Clients.Of(server.Connection);
        await using var recorder = new EventRecorder(client, "weft.dev/operator", "op-1", clock);

        recorder.Warning(Kinds.Nodes, Node, "NoFreeBlock", "AllocatePodCIDR", "no block is free");
        clock.Advance(10);
        recorder.Warning(Kinds.Nodes, Node, "NoFreeBlock", "AllocatePodCIDR", "no block is free");
        clock.Advance(60);
        recorder.Warning(Kinds.Nodes, Node, "NoFreeBlock", "AllocatePodCIDR", "no block is free");
        recorder.Normal(Kinds.Nodes, Node, "Allocated", "AllocatePodCIDR", "it is over");
        await seen.Task;

        Assert.Equal(["POST", "PATCH", "POST"], bodies.Select(entry => entry.Method));
        var first = bodies[0].Body;
        Assert.Equal("default", (string?)first["metadata"]!["namespace"]);
        Assert.Equal("2030-01-01T00:00:00.000000Z", (string?)first["eventTime"]);
        Assert.Equal("Warning", (string?)first["type"]);
        Assert.Equal("n1", (string?)first["regarding"]!["name"]);
        Assert.Equal("Node", (string?)first["regarding"]!["kind"]);
        Assert.Equal(
            """{"series":{"count":3,"lastObservedTime":"2030-01-01T00:01:10.000000Z"}}""",
            bodies[1].Body.ToJsonString()
        );
    }

    [Fact]
    public async Task Events_that_do_not_fit_into_the_queue_are_counted()
    {
        ScriptedServer? server = null;
        await using var stuck = server = new ScriptedServer(_ => Task.Delay(Timeout.Infinite, server!.Stopping));
        using var client = Clients.Of(server.Connection);
        await using var recorder = new EventRecorder(client, "weft.dev/operator", "op-1");
        for (var i = 0; i < 2000; i++)
        {
            recorder.Normal(Kinds.Nodes, Node, "R", "A", $"{i}");
        }

        Assert.InRange(recorder.Dropped, 900, 2000 - 1024);
    }
}
