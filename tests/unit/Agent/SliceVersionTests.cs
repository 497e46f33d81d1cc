using Weft.Agent.Publishing;

namespace Weft.Tests.Unit.Agent;

public sealed class SliceVersionTests
{
    private readonly SliceVersion version = new();

    [Fact]
    public void The_echo_of_an_own_write_is_not_another_ones_doing()
    {
        version.Begin();
        Assert.False(version.IsForeign("9"));
        Assert.True(version.IsLatest("9"));
        Assert.False(version.IsForeign("9"));
        Assert.False(version.IsForeign("8"));
    }

    [Theory]
    [InlineData("10")]
    [InlineData(null)]
    public void What_others_do_is_noticed_after_a_write_and_during_one(string? doing)
    {
        version.Begin();
        Assert.True(version.IsLatest("9"));
        Assert.True(version.IsForeign(doing));

        version.Begin();
        Assert.False(version.IsForeign(doing));
        Assert.False(version.IsLatest("9"));
    }

    [Fact]
    public void A_slice_that_was_deleted_here_is_not_missed()
    {
        version.Begin();
        Assert.False(version.IsForeign(null));
        Assert.True(version.IsLatest(null));
        Assert.False(version.IsForeign(null));
    }

    [Fact]
    public void What_was_there_before_the_first_write_is_nobodys_doing() => Assert.False(version.IsForeign("5"));
}
