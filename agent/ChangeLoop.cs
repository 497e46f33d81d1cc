using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Weft.Agent;

/// <summary>
/// Applies what is announced to have changed: changes that come close together are one, and what the machine refuses is
/// tried again, ever less often up to a limit.
/// </summary>
/// <param name="what">What applying is called in the log: "Putting policies into force".</param>
/// <param name="changed">Announces.</param>
/// <param name="settle">How long more changes are waited for.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">For what is refused.</param>
internal sealed partial class ChangeLoop(
    string what,
    Signal changed,
    TimeSpan settle,
    TimeProvider time,
    ILogger logger
)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>How long applying took, and whether it succeeded.</summary>
    public event Action<TimeSpan, bool>? Applied;

    /// <summary>Until cancelled.</summary>
    /// <param name="apply">Applies all there is, or throws as <see cref="Attempt.IsRefusal"/> has it.</param>
    /// <param name="nextLook">After how long something is due that nobody announces; null when nothing is.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(Action apply, Func<TimeSpan?> nextLook, CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (true)
        {
            await (
                nextLook() is { } atMost ? changed.WaitAsync(atMost, cancellation) : changed.WaitAsync(cancellation)
            );
            await Task.Delay(settle, time, cancellation);
            changed.TryTake();
            if (TryApply(apply))
            {
                pause = FirstPause;
                continue;
            }

            await Task.Delay(pause, time, cancellation);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            changed.Set();
        }
    }

    /// <summary>Applies now; false when the machine refuses.</summary>
    public bool TryApply(Action apply)
    {
        try
        {
            Apply(apply);
            return true;
        }
        catch (Exception e) when (Attempt.IsRefusal(e))
        {
            LogFailed(what, e);
            return false;
        }
    }

    /// <summary>Applies now, and throws what that throws.</summary>
    public void Apply(Action apply)
    {
        var began = Stopwatch.GetTimestamp();
        var succeeded = false;
        try
        {
            apply();
            succeeded = true;
        }
        finally
        {
            Applied?.Invoke(Stopwatch.GetElapsedTime(began), succeeded);
        }
    }

    [LoggerMessage(LogLevel.Error, "{What} failed; it is tried again")]
    private partial void LogFailed(string what, Exception exception);
}
