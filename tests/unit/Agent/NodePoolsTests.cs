using Weft.Agent.Addresses;
using Weft.Agent.Endpoints;
using Weft.Contracts;
using Weft.Net;

namespace Weft.Tests.Unit.Agent;

public sealed class NodePoolsTests
{
    private readonly Clock clock = new();

    [Fact]
    public void A_pod_gets_an_address_and_a_gateway_of_each_family()
    {
        var pools = Pools("10.0.0.0/24", "fd00::/64");
        Assert.Equal(
            [
                new PooledAddress(Ip.Parse("10.0.0.2"), Ip.Parse("10.0.0.1")),
                new PooledAddress(Ip.Parse("fd00::2"), Ip.Parse("fd00::1")),
            ],
            pools.Take([])
        );
    }

    [Fact]
    public void The_next_range_is_used_when_one_is_full()
    {
        var pools = Pools("10.0.0.0/30", "10.0.1.0/30");
        Assert.Equal("10.0.0.2", Assert.Single(pools.Take([])).Address.ToString());
        var second = Assert.Single(pools.Take([]));
        Assert.Equal(("10.0.1.2", "10.0.1.1"), (second.Address.ToString(), second.Gateway.ToString()));
    }

    [Fact]
    public void Both_families_are_given_or_none()
    {
        var pools = Pools("10.0.0.0/24", "fd00::/126");
        pools.Take([]);
        pools.Take([]);
        Refused(pools, CniErrorCode.TryAgainLater);
        Assert.Equal([2L, 2L], pools.State().Select(pool => pool.Used));
        Assert.Equal([0L, 0L], pools.State().Select(pool => pool.Cooling));
    }

    [Fact]
    public void A_refused_wish_leaves_nothing_taken()
    {
        var pools = Pools("10.0.0.0/24", "fd00::/64");
        Refused(pools, CniErrorCode.AddressUnavailable, "10.0.0.9", "fd00::1");
        Assert.Equal([0L, 0L], pools.State().Select(pool => pool.Used));
    }

    [Fact]
    public void An_empty_pool_says_when_the_next_address_is_free()
    {
        var pools = Pools("10.0.0.0/30");
        pools.Take([]);
        Assert.EndsWith("10.0.0.0/30 are in use", Refused(pools, CniErrorCode.TryAgainLater).Message);

        pools.Release(Ip.Parse("10.0.0.2"));
        clock.Advance(18);
        Assert.EndsWith("; the next one is free in 42 s", Refused(pools, CniErrorCode.TryAgainLater).Message);

        clock.Advance(42);
        Assert.Equal("10.0.0.2", Assert.Single(pools.Take([])).Address.ToString());
    }

    [Fact]
    public void An_address_no_packet_was_sent_from_need_not_rest()
    {
        var pools = Pools("10.0.0.0/30");
        pools.ReleaseUnused(Assert.Single(pools.Take([])).Address);
        Assert.Equal("10.0.0.2", Assert.Single(pools.Take([])).Address.ToString());
    }

    [Fact]
    public void A_wish_is_granted_and_the_other_family_added()
    {
        var pools = Pools("10.0.0.0/24", "fd00::/64");
        Assert.Equal(
            ["fd00::77", "10.0.0.2"],
            pools.Take([Ip.Parse("fd00::77")]).Select(address => address.Address.ToString())
        );
    }

    [Theory]
    [InlineData("10.9.0.5", "is in none of this node's pools (10.0.0.0/24)")]
    [InlineData("fd00::5", "is in none of this node's pools (10.0.0.0/24)")]
    [InlineData("10.0.0.0", "is in use or reserved; ask for another one of 10.0.0.0/24")]
    [InlineData("10.0.0.1", "is in use or reserved; ask for another one of 10.0.0.0/24")]
    [InlineData("10.0.0.255", "is in use or reserved; ask for another one of 10.0.0.0/24")]
    [InlineData("10.0.0.2", "is in use or reserved; ask for another one of 10.0.0.0/24")]
    public void A_wish_that_cannot_be_granted_says_why(string wish, string why)
    {
        var pools = Pools("10.0.0.0/24");
        pools.Take([]);
        Assert.Equal(
            $"the requested address {wish} {why}",
            Refused(pools, CniErrorCode.AddressUnavailable, wish).Message
        );
    }

    [Fact]
    public void Two_wishes_of_one_family_are_refused() =>
        Assert.Contains(
            "two addresses of one family",
            Refused(Pools("10.0.0.0/24"), CniErrorCode.AddressUnavailable, "10.0.0.5", "10.0.0.6").Message
        );

    [Fact]
    public void What_was_so_before_a_restart_is_so_again()
    {
        var pools = Pools("10.0.0.0/29");
        Assert.True(pools.Restore(Ip.Parse("10.0.0.2")));
        Assert.False(pools.Restore(Ip.Parse("10.0.0.2")));
        Assert.False(pools.Restore(Ip.Parse("10.7.0.2")));
        pools.Rest(Ip.Parse("10.0.0.3"), clock.Now.AddSeconds(5));

        Assert.Equal("10.0.0.4", Assert.Single(pools.Take([])).Address.ToString());
        Assert.Equal(new PoolState("10.0.0.0/29", 2, 1, 5), Assert.Single(pools.State()));
    }

    [Fact]
    public void A_prefix_that_comes_is_used_and_one_that_overlaps_waits()
    {
        var pools = Pools("10.0.0.0/30");
        pools.Take([]);
        Change(pools, "10.0.0.0/30", "10.0.0.0/24", "10.0.1.0/24");
        Assert.Equal("10.0.1.2", Assert.Single(pools.Take([])).Address.ToString());
        Assert.Equal(["10.0.0.0/30", "10.0.1.0/24"], pools.Prefixes.Select(prefix => prefix.ToString()));
    }

    [Fact]
    public void A_prefix_that_goes_gives_no_address_and_ends_when_its_last_one_has_rested()
    {
        var pools = Pools("10.0.0.0/24");
        var pod = Assert.Single(pools.Take([])).Address;
        Change(pools, "10.0.1.0/24");
        Assert.True(pools.IsDraining);
        Assert.Equal("10.0.1.2", Assert.Single(pools.Take([])).Address.ToString());
        Refused(pools, CniErrorCode.AddressUnavailable, "10.0.0.9");

        pools.Release(pod);
        Change(pools, "10.0.1.0/24");
        Assert.True(pools.IsDraining);
        clock.Advance(60);
        Change(pools, "10.0.1.0/24");
        Assert.Equal(["10.0.1.0/24"], pools.Prefixes.Select(prefix => prefix.ToString()));
    }

    [Fact]
    public void A_prefix_that_comes_back_while_it_is_drained_is_used_again()
    {
        var pools = Pools("10.0.0.0/24");
        pools.Take([]);
        Change(pools, "10.0.1.0/24");
        Change(pools, "10.0.0.0/24");
        Assert.Equal("10.0.0.3", Assert.Single(pools.Take([])).Address.ToString());
    }

    [Fact]
    public void Without_a_prefix_an_address_comes_later()
    {
        var pools = Pools();
        Assert.StartsWith("this node has no pod CIDR yet", Refused(pools, CniErrorCode.TryAgainLater).Message);
        Change(pools, "10.0.0.0/24");
        Assert.Single(pools.Take([]));
    }

    [Fact]
    public void A_pod_of_before_whose_prefix_is_learned_later_keeps_its_address()
    {
        var pools = new NodePools([], TimeSpan.FromSeconds(60), clock, keepForeign: true);
        Assert.True(pools.Restore(Ip.Parse("10.0.0.2")));
        Assert.False(pools.Restore(Ip.Parse("10.0.0.2")));
        Change(pools, "10.0.0.0/24");
        Assert.Equal("10.0.0.3", Assert.Single(pools.Take([])).Address.ToString());
        Assert.Equal(2, Assert.Single(pools.State()).Used);
    }

    private static void Change(NodePools pools, params string[] prefixes) =>
        pools.Change([.. prefixes.Select(Prefix.Parse)]);

    private NodePools Pools(params string[] prefixes) =>
        new(prefixes.Select(Prefix.Parse), TimeSpan.FromSeconds(60), clock);

    private static AgentError Refused(NodePools pools, int code, params string[] wishes)
    {
        var error = Assert.Throws<RequestException>(() => pools.Take([.. wishes.Select(Ip.Parse)])).Error;
        Assert.Equal(code, error.Code);
        return error;
    }
}
