using Weft.Kubernetes;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class WorkQueueTests : IDisposable
{
    private readonly WorkQueue<string> queue = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => queue.Dispose();

    [Fact]
    public async Task A_key_that_waits_is_not_added_twice()
    {
        queue.Add("a");
        queue.Add("b");
        queue.Add("a");
        Assert.Equal(2, queue.Count);
        Assert.Equal("a", await queue.GetAsync(Cancellation));
        Assert.Equal("b", await queue.GetAsync(Cancellation));
    }

    [Fact]
    public async Task A_key_added_while_it_is_worked_on_comes_again_when_that_is_done()
    {
        queue.Add("a");
        await queue.GetAsync(Cancellation);
        queue.Add("a");
        queue.Add("a");
        Assert.Equal(0, queue.Count);
        queue.Done("a");
        Assert.Equal("a", await queue.GetAsync(Cancellation));
        queue.Done("a");
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Of_several_times_for_a_key_the_earliest_counts_and_the_key_comes_once()
    {
        queue.AddAfter("a", TimeSpan.FromHours(1));
        queue.AddAfter("b", TimeSpan.FromHours(1));
        queue.AddAfter("a", TimeSpan.FromMilliseconds(1));
        Assert.Equal("a", await queue.GetAsync(Cancellation));
        queue.Done("a");
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task A_key_that_fails_comes_again_until_it_is_forgotten()
    {
        queue.AddRateLimited("a");
        queue.AddRateLimited("a");
        Assert.Equal(2, queue.Failures("a"));
        Assert.Equal("a", await queue.GetAsync(Cancellation));
        queue.Forget("a");
        Assert.Equal(0, queue.Failures("a"));
    }

    [Fact]
    public async Task Workers_never_have_one_key_at_once_and_lose_none()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var busy = new int[8];
        var left = 4000;
        using var numbers = new WorkQueue<int>();
        for (var i = 0; i < busy.Length; i++)
        {
            numbers.Add(i);
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(WorkAsync, Cancellation)));

        async Task WorkAsync()
        {
            try
            {
                while (true)
                {
                    var key = await numbers.GetAsync(over.Token);
                    Assert.Equal(1, Interlocked.Increment(ref busy[key]));
                    numbers.Add(key);
                    Assert.Equal(0, Interlocked.Decrement(ref busy[key]));
                    numbers.Done(key);
                    if (Interlocked.Decrement(ref left) <= 0)
                    {
                        await over.CancelAsync();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Enough.
            }
        }
    }
}
