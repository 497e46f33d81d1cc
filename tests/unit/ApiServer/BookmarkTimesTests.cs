using Weft.Lab.ApiServer.Http;

namespace Weft.Tests.Unit.ApiServer;

public sealed class BookmarkTimesTests
{
    [Fact]
    public void Bookmarks_come_every_minute_and_once_shortly_before_the_end() =>
        Assert.Equal([60, 120, 148], At(TimeSpan.FromSeconds(150), TimeSpan.Zero));

    [Fact]
    public void A_timer_that_fires_early_brings_no_bookmark_twice() =>
        Assert.Equal([60, 120, 148], At(TimeSpan.FromSeconds(150), TimeSpan.FromMilliseconds(-0.9)));

    [Fact]
    public void A_timer_that_fires_late_makes_up_for_nothing() =>
        Assert.Equal([60, 148], At(TimeSpan.FromSeconds(150), TimeSpan.FromSeconds(40)));

    [Fact]
    public void A_watch_too_short_for_a_bookmark_has_none() => Assert.Empty(At(TimeSpan.FromSeconds(2), TimeSpan.Zero));

    /// <summary>The whole seconds that bookmarks are due at, when every timer fires off its time.</summary>
    private static List<int> At(TimeSpan timeout, TimeSpan off)
    {
        var times = new BookmarkTimes(timeout);
        var elapsed = TimeSpan.Zero;
        var due = new List<int>();
        while (times.Next(elapsed) is { } wait)
        {
            due.Add((int)Math.Round((elapsed + wait).TotalSeconds));
            elapsed += wait + off;
            Assert.True(due.Count < 10, "bookmarks without end");
        }

        return due;
    }
}
