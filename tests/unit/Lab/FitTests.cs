using Weft.Kubernetes.Objects;
using Weft.Lab.Controllers.Scheduling;

namespace Weft.Tests.Unit.Lab;

public sealed class FitTests
{
    [Fact]
    public void A_ready_node_without_taints_takes_a_pod() => Assert.Null(Fit.Problem(new PodSpec(), Node()));

    [Fact]
    public void A_node_without_the_label_the_pod_selects_is_refused()
    {
        var pod = new PodSpec { NodeSelector = new Dictionary<string, string> { ["disk"] = "ssd" } };
        Assert.Contains("selector", Fit.Problem(pod, Node()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_taint_keeps_pods_away_that_do_not_tolerate_it()
    {
        var node = Node() with
        {
            Spec = new NodeSpec { Taints = [new Taint { Key = "weft.dev/agent-not-ready", Effect = "NoSchedule" }] },
        };
        Assert.Contains("weft.dev/agent-not-ready", Fit.Problem(new PodSpec(), node), StringComparison.Ordinal);
        Assert.Null(Fit.Problem(new PodSpec { Tolerations = [new Toleration { Operator = "Exists" }] }, node));
        Assert.Null(Fit.Problem(new PodSpec(), node, there: true));
    }

    [Fact]
    public void A_node_that_is_not_ready_takes_none() =>
        Assert.NotNull(Fit.Problem(new PodSpec(), Node() with { Status = new NodeStatus() }));

    private static Node Node() =>
        new()
        {
            Metadata = new ObjectMeta { Name = "node1" },
            Status = new NodeStatus { Conditions = [new NodeCondition { Type = "Ready", Status = "True" }] },
        };
}
