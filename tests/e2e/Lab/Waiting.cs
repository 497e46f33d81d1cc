using System.Diagnostics;

namespace Weft.Tests.EndToEnd.Lab;

/// <summary>For what comes about by itself.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan UsualPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns as soon as it is so; fails when it never is.</summary>
    public static void Eventually(string what, Func<bool> isSo, TimeSpan? pause = null)
    {
        var waited = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(waited.Elapsed < Patience, $"never came about: {what}");
            Thread.Sleep(pause ?? UsualPause);
        }
    }
}
