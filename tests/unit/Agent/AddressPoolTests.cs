using Weft.Agent.Addresses;
using Weft.Net;

namespace Weft.Tests.Unit.Agent;

public sealed class AddressPoolTests
{
    private static readonly DateTimeOffset Now = new Clock().Now;

    [Theory]
    [InlineData("10.0.0.0/29", "10.0.0.1", "10.0.0.2", "10.0.0.6", 5)]
    [InlineData("10.0.0.4/30", "10.0.0.5", "10.0.0.6", "10.0.0.6", 1)]
    [InlineData("fd00::/125", "fd00::1", "fd00::2", "fd00::7", 6)]
    public void Network_gateway_and_broadcast_are_never_a_pods(
        string prefix,
        string gateway,
        string first,
        string last,
        int capacity
    )
    {
        var pool = new AddressPool(Prefix.Parse(prefix));
        Assert.Equal(gateway, pool.Gateway.ToString());
        Assert.Equal(capacity, pool.Capacity);

        var taken = TakeAll(pool);
        Assert.Equal(capacity, taken.Count);
        Assert.Equal(first, taken[0]);
        Assert.Equal(last, taken[^1]);

        var range = Prefix.Parse(prefix);
        Assert.False(pool.TryTake(range.First));
        Assert.False(pool.TryTake(pool.Gateway));
        Assert.False(pool.TryTake(range.Last.Add(1)));
        if (range.IsV4)
        {
            Assert.False(pool.TryTake(range.Last));
        }
    }

    [Fact]
    public void A_huge_pool_has_a_capacity_that_fits_a_number() =>
        Assert.Equal(long.MaxValue, new AddressPool(Prefix.Parse("fd00::/64")).Capacity);

    [Fact]
    public void Addresses_go_round_so_that_one_is_used_again_as_late_as_possible()
    {
        var pool = new AddressPool(Prefix.Parse("10.0.0.0/29"));
        Assert.Equal("10.0.0.2", pool.Take(Now)?.ToString());
        pool.Release(Ip.Parse("10.0.0.2"), Now);
        Assert.Equal(["10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.2"], TakeAll(pool));
    }

    [Fact]
    public void A_released_address_rests_before_it_is_given_again()
    {
        var pool = new AddressPool(Prefix.Parse("10.0.0.0/30"));
        var only = pool.Take(Now)!.Value;
        var free = Now.AddSeconds(60);
        pool.Release(only, free);

        Assert.Equal((0, 1), (pool.Used, pool.Resting(Now)));
        Assert.Null(pool.Take(free.AddSeconds(-1)));
        Assert.Equal(free, pool.NextFree());
        Assert.Equal(only, pool.Take(free));
        Assert.Null(pool.NextFree());
    }

    [Fact]
    public void A_wish_is_granted_to_one_only_and_ends_its_rest()
    {
        var pool = new AddressPool(Prefix.Parse("10.0.0.0/29"));
        var wish = Ip.Parse("10.0.0.4");
        pool.Release(wish, Now.AddSeconds(60));
        Assert.True(pool.TryTake(wish));
        Assert.False(pool.TryTake(wish));
        Assert.Equal((1, 0), (pool.Used, pool.Resting(Now)));
        Assert.Equal(["10.0.0.2", "10.0.0.3", "10.0.0.5", "10.0.0.6"], TakeAll(pool));
    }

    [Fact]
    public void An_address_of_a_longer_pool_of_before_takes_no_room()
    {
        var pool = new AddressPool(Prefix.Parse("10.0.0.0/30"));
        pool.Release(Ip.Parse("10.0.0.3"), Now.AddSeconds(60));
        pool.Release(pool.Gateway, Now.AddSeconds(60));
        Assert.Equal(0, pool.Resting(Now));
        Assert.Equal(["10.0.0.2"], TakeAll(pool));
    }

    private static List<string> TakeAll(AddressPool pool)
    {
        var taken = new List<string>();
        while (pool.Take(Now) is { } address)
        {
            taken.Add(address.ToString());
        }

        return taken;
    }
}
