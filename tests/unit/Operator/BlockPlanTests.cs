using System.Globalization;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Operator.Pools;
using Weft.Resources;

namespace Weft.Tests.Unit.Operator;

public sealed class BlockPlanTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse(
        "2026-01-01T00:00:00Z",
        CultureInfo.InvariantCulture
    );
    private static readonly TimeSpan CoolDown = TimeSpan.FromMinutes(10);

    [Fact]
    public void Every_node_gets_one_block_of_each_family()
    {
        var plan = Plan([Pool("default", "10.244.0.0/16", 24, "fd00:10:244::/56", 64)], ["b", "a"]);
        Assert.Equal("10.244.0.0/24 fd00:10:244::/64", Share(plan, "a"));
        Assert.Equal("10.244.1.0/24 fd00:10:244:1::/64", Share(plan, "b"));
        Assert.Equal(4, plan.Pools[0].Blocks.Count);
        Assert.Equal(256 + 256 - 4, plan.Pools[0].Free);
    }

    [Fact]
    public void What_is_given_stays_given_when_nodes_come()
    {
        var pool = Pool("default", "10.244.0.0/16", 24) with { Status = Blocks(("10.244.7.0/24", "b", null)) };
        var plan = Plan([pool], ["a", "b", "c"]);
        Assert.Equal("10.244.7.0/24", Share(plan, "b"));
        Assert.Equal("10.244.0.0/24", Share(plan, "a"));
        Assert.Equal("10.244.1.0/24", Share(plan, "c"));
    }

    [Fact]
    public void A_plan_of_what_was_planned_changes_nothing()
    {
        var pool = Pool("default", "10.244.0.0/16", 24, "fd00::/56", 64);
        var first = Plan([pool], ["a", "b"]);
        var written = pool with { Status = PoolStatus.Of(first.Pools[0], Now) };
        var second = Plan([written], ["a", "b"]);
        Assert.True(PoolStatus.Same(written.Status, PoolStatus.Of(second.Pools[0], Now.AddHours(1))));
    }

    [Fact]
    public void The_next_range_and_then_the_next_pool_are_used_when_one_is_full()
    {
        var plan = Plan(
            [Pool("b", "10.3.0.0/24", 24), Pool("a", "10.1.0.0/24", 24, "10.2.0.0/24", 24)],
            ["n1", "n2", "n3"]
        );
        Assert.Equal(
            ["10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24"],
            plan.Nodes.Keys.Order().Select(n => Share(plan, n))
        );
    }

    [Fact]
    public void A_node_without_any_gets_all_families_or_none()
    {
        var plan = Plan([Pool("default", "10.244.0.0/16", 24, "fd00::/64", 64)], ["a", "b"]);
        Assert.Equal("10.244.0.0/24 fd00::/64", Share(plan, "a"));
        Assert.Equal("", Share(plan, "b"));
        Assert.Equal(["IPv6"], plan.Nodes["b"].Lacks);
        Assert.Equal(["b"], plan.Pools[0].Starving);
    }

    [Fact]
    public void A_family_that_is_added_later_comes_behind_what_a_node_has()
    {
        var pool = Pool("default", "10.244.0.0/16", 24, "fd00::/56", 64) with
        {
            Status = Blocks(("10.244.3.0/24", "a", null)),
        };
        Assert.Equal("10.244.3.0/24 fd00::/64", Share(Plan([pool], ["a"], ("a", "10.244.3.0/24")), "a"));
    }

    [Fact]
    public void A_block_rests_when_its_node_is_gone_and_the_node_gets_it_back_when_it_returns()
    {
        var given = Pool("default", "10.244.0.0/16", 24) with { Status = Blocks(("10.244.0.0/24", "a", null)) };
        var gone = Plan([given], ["b"]);
        Assert.Equal("10.244.1.0/24", Share(gone, "b"));
        Assert.Equal(Now, gone.Pools[0].Blocks.Single(block => block.Node == "a").ReleasedAt);
        Assert.Equal(Now + CoolDown, gone.NextRelease);

        var resting = given with { Status = PoolStatus.Of(gone.Pools[0], Now) };
        var back = Plan([resting], ["a", "b"]);
        Assert.Equal("10.244.0.0/24", Share(back, "a"));
        Assert.All(back.Pools[0].Blocks, block => Assert.Null(block.ReleasedAt));
    }

    [Fact]
    public void A_block_that_has_rested_is_given_to_another_node()
    {
        var pool = Pool("default", "10.244.0.0/24", 24) with
        {
            Status = Blocks(("10.244.0.0/24", "a", Now - CoolDown)),
        };
        Assert.Equal("10.244.0.0/24", Share(Plan([pool], ["b"]), "b"));
        var early = pool with { Status = Blocks(("10.244.0.0/24", "a", Now - CoolDown + TimeSpan.FromSeconds(1))) };
        Assert.Equal("", Share(Plan([early], ["b"]), "b"));
    }

    [Fact]
    public void A_block_is_not_given_while_a_departed_nodes_object_names_it()
    {
        var pool = Pool("default", "10.244.0.0/24", 24) with
        {
            Status = Blocks(("10.244.0.0/24", "a", Now - CoolDown)),
        };
        Assert.Equal("", Share(Plan([pool], ["b"], ("a", "10.244.0.0/24")), "b"));
    }

    [Fact]
    public void A_status_that_was_lost_is_made_again_from_what_the_nodes_have()
    {
        var plan = Plan([Pool("default", "10.244.0.0/16", 24)], ["a", "b"], ("b", "10.244.0.0/24"));
        Assert.Equal("10.244.0.0/24", Share(plan, "b"));
        Assert.Equal("10.244.1.0/24", Share(plan, "a"));
        Assert.Equal(["10.244.0.0/24 b", "10.244.1.0/24 a"], plan.Pools[0].Blocks.Select(b => $"{b.Cidr} {b.Node}"));
    }

    [Fact]
    public void Of_two_nodes_that_name_one_block_the_record_says_whose_it_is()
    {
        var pool = Pool("default", "10.244.0.0/16", 24) with { Status = Blocks(("10.244.0.0/24", "b", null)) };
        var plan = Plan([pool], ["a", "b"], ("a", "10.244.0.0/24"), ("b", "10.244.0.0/24"));
        Assert.Equal("10.244.0.0/24", Share(plan, "b"));
        Assert.Equal("10.244.1.0/24", Share(plan, "a"));
    }

    [Fact]
    public void A_node_cannot_claim_more_than_a_block()
    {
        var plan = Plan([Pool("default", "10.244.0.0/16", 24)], ["a", "b"], ("a", "10.244.0.0/16"));
        Assert.Equal("10.244.0.0/24", Share(plan, "a"));
        Assert.Equal("10.244.1.0/24", Share(plan, "b"));
    }

    [Fact]
    public void A_node_keeps_what_it_has_when_its_pool_is_deleted()
    {
        var plan = Plan([Pool("new", "10.99.0.0/16", 24)], ["a", "b"], ("a", "10.244.0.0/24"));
        Assert.Equal("10.244.0.0/24", Share(plan, "a"));
        Assert.Equal("10.99.0.0/24", Share(plan, "b"));
    }

    [Fact]
    public void Ranges_that_overlap_are_refused_in_the_younger_pool_with_the_name_of_the_other()
    {
        var old = Pool("zz", "10.244.0.0/16", 24);
        var young = Pool("aa", "10.244.128.0/17", 24, "10.99.0.0/16", 24) with
        {
            Metadata = new ObjectMeta { Name = "aa", CreationTimestamp = Now },
        };
        var plan = Plan([young, old], ["a"]);
        Assert.Equal("10.244.0.0/24", Share(plan, "a"));
        var refused = Assert.Single(plan.Pools[1].Refused);
        Assert.Equal("10.244.128.0/17 overlaps range 10.244.0.0/16 of pool zz", refused.Reason);
        var status = PoolStatus.Of(plan.Pools[1], Now);
        Assert.Equal(
            ["Ready False RangeOverlaps", "Overlap True RangeOverlaps", "Exhausted False EveryNodeServed"],
            status.Conditions!.Select(c => $"{c.Type} {c.Status} {c.Reason}")
        );
        Assert.Equal(256, plan.Pools[1].Free);
    }

    [Fact]
    public void A_range_with_a_nodes_or_a_services_address_is_refused()
    {
        var plan = PlanBeside(
            [Pool("default", "10.0.0.0/16", 24, "10.96.0.0/12", 24, "10.244.0.0/16", 24)],
            ["a"],
            [new(Ip.Parse("10.0.0.5"), "node a"), new(Ip.Parse("10.96.0.1"), "service default/kubernetes")]
        );
        Assert.Equal(
            [
                "10.0.0.0/16 contains 10.0.0.5, the address of node a",
                "10.96.0.0/12 contains 10.96.0.1, the address of service default/kubernetes",
            ],
            plan.Pools[0].Refused.Select(refused => refused.Reason)
        );
        Assert.Equal("10.244.0.0/24", Share(plan, "a"));
    }

    [Theory]
    [InlineData("nonsense", 24, "\"nonsense\" is not a prefix")]
    [InlineData("10.0.0.1/24", 26, "10.0.0.1/24 has host bits; write 10.0.0.0/24")]
    [InlineData("10.0.0.0/24", 20, "blockSize 20 is larger than the range 10.0.0.0/24")]
    [InlineData("10.0.0.0/8", 25, "blockSize 25 cuts 10.0.0.0/8 into more than 65536 blocks")]
    [InlineData("10.0.0.0/24", 31, "blockSize 31 leaves no address for a pod")]
    [InlineData("fd00::/120", 127, "blockSize 127 leaves no address for a pod")]
    public void A_range_that_makes_no_sense_is_refused_whoever_let_it_through(string cidr, int blockSize, string reason)
    {
        var plan = Plan([Pool("default", cidr, blockSize)], ["a"]);
        Assert.Equal(reason, Assert.Single(plan.Pools[0].Refused).Reason);
        Assert.Equal("InvalidRange", PoolStatus.Of(plan.Pools[0], Now).Conditions![0].Reason);
        Assert.Equal("", Share(plan, "a"));
    }

    [Fact]
    public void An_exhausted_pool_says_for_whom()
    {
        var plan = Plan([Pool("default", "10.244.0.0/24", 24)], ["a", "b", "c", "d", "e"]);
        var exhausted = PoolStatus.Of(plan.Pools[0], Now).Conditions!.Single(c => c.Type == "Exhausted");
        Assert.Equal("True", exhausted.Status);
        Assert.Equal(
            "No free block for nodes b, c, d and 1 more; add a range to this pool, or another pool.",
            exhausted.Message
        );
    }

    [Fact]
    public void A_condition_keeps_its_time_while_its_status_stays()
    {
        var pool = Pool("default", "10.244.0.0/24", 24);
        pool = pool with { Status = PoolStatus.Of(Plan([pool], ["a", "b"]).Pools[0], Now) };
        var later = PoolStatus.Of(Plan([pool], ["a", "b", "c"]).Pools[0], Now.AddHours(1));
        Assert.All(later.Conditions!, condition => Assert.Equal(Now, condition.LastTransitionTime));
        var over = PoolStatus.Of(Plan([pool], ["a"]).Pools[0], Now.AddHours(1));
        Assert.Equal(Now.AddHours(1), over.Conditions!.Single(c => c.Type == "Exhausted").LastTransitionTime);
    }

    [Fact]
    public void Nodes_that_come_and_go_at_random_never_share_an_address()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var pools = new List<WeftIPPool>
            {
                Pool("a", "10.244.0.0/22", 24),
                Pool("b", "10.244.4.0/22", 26, "fd00::/60", 64),
            };
            var claims = new Dictionary<string, IReadOnlyList<Prefix>>();
            var now = Now;
            for (var step = 0; step < 40; step++)
            {
                now += TimeSpan.FromMinutes(random.Next(8));
                string[] nodes = [.. Enumerable.Range(0, 12).Where(_ => random.Next(2) == 0).Select(i => $"n{i}")];
                var plan = BlockPlan.Make(new BlockInputs(pools, nodes, claims, [], CoolDown, now));
                // A status or a node's object is sometimes lost on the way.
                pools = [.. plan.Pools.Select(p => p.Pool with { Status = PoolStatus.Of(p, now) })];
                foreach (var (node, share) in plan.Nodes.Where(_ => random.Next(5) > 0))
                {
                    claims[node] = share.PodCidrs;
                }

                foreach (var gone in claims.Keys.Except(nodes).Where(_ => random.Next(2) == 0).ToList())
                {
                    claims.Remove(gone);
                }

                // Who is on the network: nodes by the plan or, where it did not reach them, by what they had.
                var everyone = claims
                    .Where(claim => !plan.Nodes.ContainsKey(claim.Key))
                    .SelectMany(claim => claim.Value.Select(prefix => (claim.Key, prefix)))
                    .Concat(plan.Nodes.SelectMany(n => n.Value.PodCidrs.Select(prefix => (n.Key, prefix))))
                    .ToList();
                Assert.DoesNotContain(
                    everyone,
                    a => everyone.Exists(b => a.Key != b.Key && a.prefix.Overlaps(b.prefix))
                );
            }
        }
    }

    private static string Share(BlockPlan plan, string node) => string.Join(' ', plan.Nodes[node].PodCidrs);

    private static BlockPlan Plan(
        IReadOnlyCollection<WeftIPPool> pools,
        IReadOnlyCollection<string> nodes,
        params IEnumerable<(string Node, string Cidr)> claims
    ) => PlanBeside(pools, nodes, [], claims);

    private static BlockPlan PlanBeside(
        IReadOnlyCollection<WeftIPPool> pools,
        IReadOnlyCollection<string> nodes,
        IReadOnlyCollection<UsedAddress> used,
        params IEnumerable<(string Node, string Cidr)> claims
    ) =>
        BlockPlan.Make(
            new BlockInputs(
                pools,
                nodes,
                claims
                    .GroupBy(claim => claim.Node)
                    .ToDictionary(
                        node => node.Key,
                        node => (IReadOnlyList<Prefix>)[.. node.Select(claim => Prefix.Parse(claim.Cidr))]
                    ),
                used,
                CoolDown,
                Now
            )
        );

    private static WeftIPPool Pool(string name, string cidr, int size) => Pool(name, [(cidr, size)]);

    private static WeftIPPool Pool(string name, string cidr, int size, string second, int secondSize) =>
        Pool(name, [(cidr, size), (second, secondSize)]);

    private static WeftIPPool Pool(string name, string cidr, int size, string b, int bSize, string c, int cSize) =>
        Pool(name, [(cidr, size), (b, bSize), (c, cSize)]);

    private static WeftIPPool Pool(string name, IEnumerable<(string Cidr, int Size)> ranges) =>
        new()
        {
            Metadata = new ObjectMeta { Name = name, CreationTimestamp = Now.AddDays(-1) },
            Spec = new WeftIPPoolSpec
            {
                Ranges = [.. ranges.Select(range => new WeftIPRange { Cidr = range.Cidr, BlockSize = range.Size })],
            },
        };

    private static WeftIPPoolStatus Blocks(
        params IEnumerable<(string Cidr, string Node, DateTimeOffset? Released)> blocks
    ) =>
        new()
        {
            Blocks =
            [
                .. blocks.Select(block => new WeftIPBlock
                {
                    Cidr = block.Cidr,
                    Node = block.Node,
                    ReleasedAt = block.Released,
                }),
            ],
        };
}
