using System.Threading.Channels;

namespace Weft.Agent;

/// <summary>Says that something changed; said several times before anybody listens, it is said once.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    /// <summary>Something changed.</summary>
    public void Set() => channel.Writer.TryWrite(true);

    /// <summary>True when something has changed since it was last heard.</summary>
    public bool TryTake() => channel.Reader.TryRead(out _);

    /// <summary>Returns when something has changed since it was last heard.</summary>
    public async Task WaitAsync(CancellationToken cancellation) => await channel.Reader.ReadAsync(cancellation);

    /// <summary>As <see cref="WaitAsync(CancellationToken)"/>, or when the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(atMost);
        try
        {
            await channel.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested) { }
    }
}
