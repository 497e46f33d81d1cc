using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy;
using Weft.Policy.Entries;
using Weft.Policy.Rules;

namespace Weft.Tests.Unit.Policy;

public sealed class BlockTableTests
{
    [Fact]
    public void The_longest_prefix_carries_all_blocks_around_it()
    {
        var table = Table(("10.0.0.0/8", []), ("10.1.0.0/16", []));
        Assert.Equal(2, table.Find(Ip.Parse("10.1.2.3"))!.Groups.Count);
        Assert.Single(table.Find(Ip.Parse("10.2.0.1"))!.Groups);
        Assert.Null(table.Find(Ip.Parse("11.0.0.1")));
    }

    [Fact]
    public void An_exception_is_a_prefix_that_its_block_does_not_reach()
    {
        var table = Table(("10.0.0.0/8", ["10.1.0.0/16"]), ("10.1.2.0/24", []));
        Assert.Empty(table.Find(Ip.Parse("10.1.0.1"))!.Groups);
        Assert.Single(table.Find(Ip.Parse("10.1.2.1"))!.Groups);
        Assert.Single(table.Find(Ip.Parse("10.2.0.1"))!.Groups);
    }

    [Theory]
    [InlineData("::/0")]
    [InlineData("::/80")]
    public void An_IPv6_prefix_around_the_mapped_addresses_brings_one_that_keeps_IPv4_apart(string cidr)
    {
        var block = Table((cidr, [])).Find(Ip.Parse("10.0.0.1"));
        Assert.Equal("0.0.0.0/0", block!.Prefix.ToString());
        Assert.Empty(block.Groups);
    }

    [Fact]
    public void Other_IPv6_prefixes_bring_none() => Assert.Single(Table(("fd00::/8", [])).Blocks);

    [Fact]
    public void A_prefix_that_stays_keeps_its_number_and_one_that_comes_gets_a_free_one()
    {
        var first = Table(("10.0.0.0/8", []), ("10.1.0.0/16", []));
        var second = first.With(Engine(("10.1.0.0/16", []), ("10.2.0.0/16", [])).Blocks, []);
        var stays = Prefix.Parse("10.1.0.0/16");
        Assert.Equal(first.Blocks[stays].Number, second.Blocks[stays].Number);
        Assert.Equal(2, second.Blocks.Values.Select(block => block.Number).Distinct().Count());
        Assert.All(second.Blocks.Values, block => Assert.True(block.Number >= BlockTable.FirstNumber));
    }

    private static BlockTable Table(params (string Cidr, string[] Except)[] blocks) =>
        BlockTable.Empty.With(Engine(blocks).Blocks, []);

    private static PolicyEngine Engine(params (string Cidr, string[] Except)[] blocks)
    {
        var engine = new PolicyEngine();
        engine.Set(
            PolicyReader.Read(
                new NetworkPolicy
                {
                    Metadata = new ObjectMeta { Namespace = "x", Name = "p" },
                    Spec = new NetworkPolicySpec
                    {
                        Ingress =
                        [
                            new NetworkPolicyIngressRule
                            {
                                From =
                                [
                                    .. blocks.Select(block => new NetworkPolicyPeer
                                    {
                                        IpBlock = new IPBlock { Cidr = block.Cidr, Except = block.Except },
                                    }),
                                ],
                            },
                        ],
                    },
                }
            )
        );
        return engine;
    }
}
