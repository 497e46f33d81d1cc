using Weft.Cli.Agents;
using Weft.Cli.Status;
using Weft.Contracts;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Tests.Unit.Cli;

/// <summary>`weft status`: what it says of what it read.</summary>
public sealed class StatusTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly ClusterReading Healthy = new(
        [Node("a"), Node("b")],
        [Weft("a"), Weft("b")],
        new Lease
        {
            Metadata = new ObjectMeta(),
            Spec = new LeaseSpec
            {
                HolderIdentity = "op-1",
                LeaseDurationSeconds = 15,
                RenewTime = Now.AddSeconds(-2),
            },
        },
        [],
        [],
        [Agent("a"), Agent("b")],
        Now
    );

    [Fact]
    public void A_cluster_that_is_well_has_no_warnings_and_fits_a_screen()
    {
        var status = StatusOf.Make("https://c:6443/", Healthy);
        Assert.Empty(status.Warnings);
        Assert.Equal(
            """
            Cluster   https://c:6443/
            Routing   vxlan
            Agents    2 of 2 ready, version 0.1.0
            Operator  op-1 leads, heard 2 s ago

            NODE  AGENT  ADDRESSES  POD CIDRS      PODS  KERNEL  FULLEST MAP
            a     ready  192.0.2.1  10.244.1.0/24  0     6.1.0   endpoints 50 %
            b     ready  192.0.2.1  10.244.1.0/24  0     6.1.0   endpoints 50 %

            FEATURE            NODES
            tcx      not used  all    clsact is used instead

            All is well.
            """,
            StatusText.Of(status, Now)
        );
    }

    [Fact]
    public void A_node_without_a_WeftNode_says_where_to_look() =>
        Warns(Healthy with { WeftNodes = [Weft("a")] }, "node b", "no agent has registered it");

    [Fact]
    public void A_condition_that_does_not_hold_is_told_with_its_reason() =>
        Warns(
            Healthy with
            {
                WeftNodes = [Weft("a"), Weft("b", "False")],
            },
            "node b",
            "Ready is False: a message (AReason)"
        );

    [Fact]
    public void A_WeftNode_without_a_Node_is_told() =>
        Warns(Healthy with { WeftNodes = [Weft("a"), Weft("b"), Weft("c")] }, "WeftNode c", "has no Node");

    [Fact]
    public void An_agent_that_does_not_answer_is_told() =>
        Warns(
            Healthy with
            {
                Agents = [Agent("a"), new AgentAnswer("b", null, "no answer: gone")],
            },
            "agent of b",
            "no answer: gone"
        );

    [Fact]
    public void An_agent_that_cannot_be_asked_is_told() =>
        Warns(Healthy with { Agents = [Agent("a")] }, "node b", "cannot be asked");

    [Fact]
    public void No_leader_and_a_silent_one_are_told()
    {
        Warns(Healthy with { Operator = null }, "operator", "nobody leads");
        Warns(Healthy with { At = Now.AddMinutes(1) }, "operator", "silent since 03:04:03");
    }

    [Fact]
    public void Different_routing_modes_are_told() =>
        Warns(Healthy with { WeftNodes = [Weft("a"), Weft("b", mode: "native")] }, "cluster", "vxlan, native");

    [Theory]
    [InlineData("peers", 900, true)]
    [InlineData("peers", 899, false)]
    [InlineData("flows", 1000, false)]
    public void A_map_that_is_nearly_full_is_told_unless_it_makes_room_by_itself(string map, long entries, bool told)
    {
        var read = Healthy with { Agents = [Agent("a", new MapState(map, entries, 1000)), Agent("b")] };
        Assert.Equal(told, Warnings.Of(read).Count == 1);
    }

    [Fact]
    public void Policies_that_do_not_hold_or_wait_for_long_are_told_and_those_that_have_just_come_are_not()
    {
        var policy = new PolicyState(
            InForce: true,
            1,
            3,
            3,
            [new WaitingPolicy("shop/new", Now.AddSeconds(-2)), new WaitingPolicy("shop/old", Now.AddMinutes(-2))],
            [new PolicyNotInForce("shop/big", "the map is full")]
        );
        var state = Agent("a").Response!.State! with { Policy = policy };
        var read = Healthy with { Agents = [new AgentAnswer("a", new AgentResponse(State: state), null), Agent("b")] };
        Assert.Equal(
            ["NetworkPolicy shop/big", "NetworkPolicy shop/old"],
            Warnings.Of(read).Select(warning => warning.About)
        );
    }

    [Fact]
    public void A_pool_that_has_nothing_left_is_told()
    {
        var pool = new WeftIPPool
        {
            Metadata = new ObjectMeta { Name = "default" },
            Spec = new WeftIPPoolSpec { Ranges = [] },
            Status = new WeftIPPoolStatus
            {
                Conditions = [Is("Ready", "True"), Is("Overlap", "False"), Is("Exhausted", "True")],
            },
        };
        Warns(Healthy with { IPPools = [pool] }, "WeftIPPool default", "Exhausted is True");
    }

    private static void Warns(ClusterReading read, string about, string text)
    {
        var warning = Assert.Single(Warnings.Of(read));
        Assert.Equal(about, warning.About);
        Assert.Contains(text, warning.Text, StringComparison.Ordinal);
    }

    private static Node Node(string name) => new() { Metadata = new ObjectMeta { Name = name } };

    private static WeftNode Weft(string name, string ready = "True", string mode = "vxlan") =>
        new()
        {
            Metadata = new ObjectMeta { Name = name },
            Spec = new WeftNodeSpec
            {
                Addresses = ["192.0.2.1"],
                PodCidrs = ["10.244.1.0/24"],
                RoutingMode = mode,
            },
            Status = new WeftNodeStatus
            {
                AgentVersion = "0.1.0+0123456789",
                Conditions = [Is("Ready", ready), Is("PodCIDRsAllocated", "True")],
            },
        };

    private static Condition Is(string type, string status) =>
        new()
        {
            Type = type,
            Status = status,
            Reason = "AReason",
            Message = "a message",
        };

    private static AgentAnswer Agent(string node, MapState? map = null) =>
        new(
            node,
            new AgentResponse(
                State: new AgentState(
                    node,
                    "0.1.0",
                    "vxlan",
                    [],
                    [],
                    [],
                    [],
                    [map ?? new MapState("endpoints", 50, 100)],
                    [],
                    Features: [new FeatureState("tcx", InUse: false, "clsact is used instead")],
                    Kernel: "6.1.0"
                )
            ),
            null
        );
}
