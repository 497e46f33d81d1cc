using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent;

namespace Weft.Tests.Unit.Agent;

public sealed class ChangeLoopTests
{
    private readonly Signal changed = new();
    private readonly HurriedTime time = new();
    private readonly List<bool> applied = [];

    [Fact]
    public async Task What_the_machine_refuses_is_tried_again_after_longer_and_longer_pauses()
    {
        using var end = new CancellationTokenSource();
        var tries = 0;
        changed.Set();
        await Run(
            TimeSpan.Zero,
            () =>
            {
                if (++tries < 6)
                {
                    throw new IOException("not now");
                }

                end.Cancel();
            },
            end.Token
        );
        Assert.Equal([1, 2, 4, 5, 5], time.Waits.Select(wait => wait.TotalSeconds));
        Assert.Equal([false, false, false, false, false, true], applied);
    }

    [Fact]
    public async Task Changes_that_come_while_more_are_waited_for_are_applied_at_once()
    {
        using var end = new CancellationTokenSource();
        time.Waiting += changed.Set;
        time.Waiting += changed.Set;
        changed.Set();
        await Run(
            TimeSpan.FromMilliseconds(5),
            () =>
            {
                Assert.False(changed.TryTake());
                end.Cancel();
            },
            end.Token
        );
        Assert.Equal([true], applied);
    }

    [Fact]
    public async Task What_is_no_refusal_ends_it()
    {
        changed.Set();
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Run(
                TimeSpan.Zero,
                () => throw new InvalidOperationException("a mistake"),
                TestContext.Current.CancellationToken
            )
        );
        Assert.Equal([false], applied);
    }

    private async Task Run(TimeSpan settle, Action apply, CancellationToken cancellation)
    {
        var loop = new ChangeLoop("Trying", changed, settle, time, NullLogger.Instance);
        loop.Applied += (_, succeeded) => applied.Add(succeeded);
        try
        {
            await loop.RunAsync(apply, () => null, cancellation);
        }
        catch (OperationCanceledException) { }
    }

    /// <summary>Whoever waits goes on at once; for how long they would have is noted.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public event Action? Waiting;

        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            Waiting?.Invoke();
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
