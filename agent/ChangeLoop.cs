namespace Weft.Agent;

/// <summary>
/// Applies what is announced to have changed: changes that come close together are one, and what fails is tried again,
/// ever less often up to a limit.
/// </summary>
/// <param name="changed">Announces.</param>
/// <param name="settle">How long more changes are waited for.</param>
/// <param name="time">Clock.</param>
internal sealed class ChangeLoop(Signal changed, TimeSpan settle, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Until cancelled.</summary>
    /// <param name="apply">Applies all there is; false when that has failed.</param>
    /// <param name="nextLook">After how long something is due that nobody announces; null when nothing is.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(Func<bool> apply, Func<TimeSpan?> nextLook, CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (true)
        {
            await (
                nextLook() is { } atMost ? changed.WaitAsync(atMost, cancellation) : changed.WaitAsync(cancellation)
            );
            await Task.Delay(settle, time, cancellation);
            changed.TryTake();
            if (apply())
            {
                pause = FirstPause;
                continue;
            }

            await Task.Delay(pause, time, cancellation);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            changed.Set();
        }
    }
}
