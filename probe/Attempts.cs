using System.Diagnostics;

namespace Weft.Probe;

/// <summary>Tries many paths at once.</summary>
internal static class Attempts
{
    /// <summary>So many in a row have to stay without an answer for a path to count as denied.</summary>
    private const int DeniedInARow = 2;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Tries each until it is as expected or patience ends: what was just made may take a moment. Prints the others.
    /// </summary>
    public static async Task<int> RunAsync(IReadOnlyList<Attempt> attempts, TimeSpan patience, TextWriter output)
    {
        var problems = await Task.WhenAll(attempts.Select(attempt => ProblemAsync(attempt, patience)));
        foreach (var (attempt, problem) in attempts.Zip(problems).Where(tried => tried.Second is not null))
        {
            await output.WriteLineAsync($"{attempt.Id} {problem}");
        }

        return problems.Any(problem => problem is not null) ? 1 : 0;
    }

    private static async Task<string?> ProblemAsync(Attempt attempt, TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        var denied = 0;
        while (true)
        {
            var problem = await attempt.OnceAsync();
            denied = problem is null ? 0 : denied + 1;
            if (attempt.Denied ? denied == DeniedInARow : problem is null)
            {
                return null;
            }

            if (Stopwatch.GetElapsedTime(began) > patience && (!attempt.Denied || denied == 0))
            {
                return problem ?? "was answered";
            }

            await Task.Delay(Pause);
        }
    }
}
