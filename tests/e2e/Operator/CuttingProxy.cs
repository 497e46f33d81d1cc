using System.Net;

namespace Weft.Tests.EndToEnd.Operator;

/// <summary>When the connection to the API server is cut for good.</summary>
internal enum Cut
{
    /// <summary>The write does not reach the server.</summary>
    BeforeWrite,

    /// <summary>The server has done the write, and its answer is lost.</summary>
    AfterWrite,
}

/// <summary>
/// Lets so many writes through and then nothing at all: for the cluster, what is behind it was killed there.
/// </summary>
internal sealed class CuttingProxy : ApiProxy
{
    private readonly CancellationTokenSource cut = new();
    private readonly Cut where;
    private int writesLeft;

    public CuttingProxy(Uri server, string token, int writes, Cut where)
        : base(server, token)
    {
        this.where = where;
        writesLeft = writes;
        Address = new Uri($"http://127.0.0.1:{FreePort()}/");
        Listen(Address);
    }

    public Uri Address { get; }

    /// <summary>Cancelled when the connection is cut.</summary>
    public CancellationToken WasCut => cut.Token;

    public override void Dispose()
    {
        cut.Cancel();
        base.Dispose();
        cut.Dispose();
    }

    protected override async Task ServeAsync(HttpListenerContext context)
    {
        var isWrite = context.Request.HttpMethod != "GET";
        var isLast = isWrite && Interlocked.Decrement(ref writesLeft) < 0;
        if (isLast && where == Cut.BeforeWrite)
        {
            await cut.CancelAsync();
        }

        cut.Token.ThrowIfCancellationRequested();
        // The last write goes through even when another one cuts meanwhile: it is on its way already.
        var stop = isWrite ? CancellationToken.None : cut.Token;
        using var answer = await ForwardAsync(context.Request, stop);
        if (isLast)
        {
            await cut.CancelAsync();
        }

        cut.Token.ThrowIfCancellationRequested();
        await CopyAsync(answer, context.Response, cut.Token);
    }
}
