namespace Weft.Lab.ApiServer.Http;

/// <summary>
/// When a watch's bookmarks are due: every minute, and a last one shortly before the end. By plan and not by what the
/// clock says when one was written: timers fire a moment early, and one that is set again for that moment fires at once,
/// again and again.
/// </summary>
internal sealed class BookmarkTimes(TimeSpan timeout)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>The last bookmark comes this long before the end, so that it arrives.</summary>
    private static readonly TimeSpan BeforeEnd = TimeSpan.FromSeconds(2);

    private readonly TimeSpan last = timeout - BeforeEnd;
    private TimeSpan due;

    /// <summary>How long to wait for the next one, or null when there is none any more.</summary>
    /// <param name="elapsed">Since the watch began.</param>
    public TimeSpan? Next(TimeSpan elapsed)
    {
        if (due >= last)
        {
            return null;
        }

        // Those that a machine at a standstill has missed are not made up for.
        var next = (elapsed > due ? elapsed : due) + Interval;
        due = next < last ? next : last;
        return due > elapsed ? due - elapsed : TimeSpan.Zero;
    }
}
