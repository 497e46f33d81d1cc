namespace Weft.Operator;

/// <summary>Tasks that live and end together.</summary>
internal static class Together
{
    /// <summary>
    /// Runs all of them until one ends, by failure or because it was cancelled; the others are cancelled then. Ends when
    /// the last has ended, so that nothing works on afterwards, as the first did.
    /// </summary>
    public static async Task RunAsync(
        CancellationToken cancellation,
        params IEnumerable<Func<CancellationToken, Task>> all
    )
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var tasks = all.Select(run => run(ending.Token)).ToList();
        var first = await Task.WhenAny(tasks);
        await ending.CancelAsync();
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }
}
