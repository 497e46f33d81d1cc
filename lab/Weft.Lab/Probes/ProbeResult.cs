using System.Diagnostics;

namespace Weft.Lab.Probes;

/// <summary>How a path did.</summary>
/// <param name="Ok">Every round trip came back, whole.</param>
/// <param name="Problem">What went wrong first, when not.</param>
/// <param name="RttMicros">Median and 99th percentile of the round trips, in microseconds.</param>
/// <param name="SeenAs">Address the other end saw, or its own name if it has one. Null for ping, whose other end cannot tell.</param>
public sealed record ProbeResult(bool Ok, string? Problem, IReadOnlyList<double> RttMicros, string? SeenAs)
{
    internal static ProbeResult Failed(string problem, string? seenAs = null) => new(false, problem, [], seenAs);

    /// <summary>Times round trips and keeps their percentiles.</summary>
    internal static ProbeResult Measure(int count, string? seenAs, Action roundTrip)
    {
        var micros = new double[count];
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            roundTrip();
            micros[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(micros);
        return new ProbeResult(true, null, [At(0.5), At(0.99)], seenAs);

        double At(double quantile) => Math.Round(micros[(int)(quantile * (count - 1))], 1);
    }
}
