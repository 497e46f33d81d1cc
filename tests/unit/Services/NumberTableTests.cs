using Weft.Services.Numbers;

namespace Weft.Tests.Unit.Services;

public sealed class NumberTableTests
{
    [Fact]
    public void A_key_keeps_its_number_until_its_last_use_ends()
    {
        var table = new NumberTable<string>(2);
        Assert.Equal(1u, table.Take("a"));
        Assert.Equal(1u, table.Take("a"));
        table.Release("a");
        Assert.Equal(1u, table.Find("a"));
        table.Release("a");
        Assert.Null(table.Find("a"));
        Assert.Equal(0, table.UsedCount);
    }

    [Fact]
    public void The_number_longest_unused_is_given_again_and_only_when_no_other_is_left()
    {
        var table = new NumberTable<string>(3);
        foreach (var key in new[] { "a", "b" })
        {
            table.Take(key);
            table.Release(key);
        }

        Assert.Equal(3u, table.Take("c"));
        Assert.Equal(1u, table.Take("d"));
        Assert.Equal(2u, table.Take("e"));
        Assert.Null(table.Take("f"));
    }

    [Fact]
    public void A_key_that_comes_back_in_time_finds_its_number()
    {
        var table = new NumberTable<string>(3);
        table.Take("a");
        table.Release("a");
        table.Take("b");
        Assert.Equal(1u, table.Take("a"));
    }

    [Fact]
    public void Numbers_of_before_a_restart_are_found_again_and_given_to_nobody_else_before_that()
    {
        var table = new NumberTable<string>(4);
        Assert.True(table.Remember("c", 3));
        Assert.True(table.Remember("a", 1));
        Assert.Equal(4u, table.Take("new"));
        Assert.Equal(2u, table.Take("newer"));
        Assert.Equal(3u, table.Take("c"));
        Assert.Equal(1u, table.Take("newest"));
    }

    [Theory]
    [InlineData("a", 2u)]
    [InlineData("b", 1u)]
    [InlineData("b", 0u)]
    [InlineData("b", 5u)]
    public void A_number_is_not_remembered_twice_or_beyond_the_capacity(string key, uint number)
    {
        var table = new NumberTable<string>(4);
        Assert.True(table.Remember("a", 1));
        Assert.False(table.Remember(key, number));
    }
}
