using Weft.Agent.Readiness;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Agent;

public sealed class NodeReadinessTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("True")]
    [InlineData("Unknown")]
    public void A_node_that_does_not_say_that_its_network_is_available_is_told(string? status)
    {
        var patch = NodeReadiness.ConditionPatch(Node(status), DateTimeOffset.UnixEpoch);
        Assert.Equal(
            """{"status":{"conditions":[{"type":"NetworkUnavailable","status":"False","reason":"WeftIsUp","message":"Weft\u0027s agent serves on this node","lastHeartbeatTime":"1970-01-01T00:00:00Z","lastTransitionTime":"1970-01-01T00:00:00Z"}]}}""",
            patch!.ToJsonString()
        );
    }

    [Fact]
    public void A_node_that_says_so_is_left_alone() =>
        Assert.Null(NodeReadiness.ConditionPatch(Node("False"), DateTimeOffset.UnixEpoch));

    [Fact]
    public void The_startup_taint_is_removed_where_it_is_and_only_if_it_is_still_there() =>
        Assert.Equal(
            """[{"op":"test","path":"/spec/taints/1/key","value":"node.weft.dev/agent-not-ready"},{"op":"remove","path":"/spec/taints/1"}]""",
            NodeReadiness.TaintPatch(Node(null, "other", NodeReadiness.StartupTaint))!.ToJsonString()
        );

    [Fact]
    public void Other_taints_are_others_business() => Assert.Null(NodeReadiness.TaintPatch(Node(null, "other")));

    private static Node Node(string? status, params string[] taints) =>
        new()
        {
            Metadata = new ObjectMeta { Name = "n1" },
            Spec = new NodeSpec { Taints = [.. taints.Select(key => new Taint { Key = key, Effect = "NoSchedule" })] },
            Status = new NodeStatus
            {
                Conditions = status is null ? [] : [new NodeCondition { Type = "NetworkUnavailable", Status = status }],
            },
        };
}
