using System.Net;
using System.Text;
using Weft.Netlink;
using Weft.Tests.EndToEnd.Operator;

namespace Weft.Tests.EndToEnd.Faults;

/// <summary>How the API server is, seen through the proxy.</summary>
internal enum Weather
{
    /// <summary>As it is.</summary>
    Fair,

    /// <summary>Every other request meets a fault, each kind in its turn.</summary>
    Foul,

    /// <summary>Nothing is answered, and what was under way is cut.</summary>
    Away,
}

/// <summary>
/// Does to requests what networks, load balancers and busy API servers do: refuses, delays, drops before and after the
/// server did it, truncates, answers garbage, and of watches says that they are too old or cuts them.
/// </summary>
internal sealed class FaultyProxy : ApiProxy
{
    private const int Truncated = 100;
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LifeOfCutWatch = TimeSpan.FromSeconds(2);
    private readonly Lock gate = new();
    private CancellationTokenSource weatherChange = new();
    private Weather weather;
    private int requests;

    /// <param name="server">The API server.</param>
    /// <param name="token">Of its administrator.</param>
    /// <param name="network">Where it listens.</param>
    /// <param name="address">On what.</param>
    public FaultyProxy(Uri server, string token, NetworkNamespace network, Uri address)
        : base(server, token) =>
        network.Run(() =>
        {
            Listen(address);
            return true;
        });

    /// <summary>Each kind of fault that was met.</summary>
    public HashSet<string> Met { get; } = [];

    /// <summary>Changes how it is; requests that are under way are cut.</summary>
    public void Become(Weather next)
    {
        lock (gate)
        {
            weather = next;
            weatherChange.Cancel();
            weatherChange = new CancellationTokenSource();
        }
    }

    public override void Dispose()
    {
        Become(Weather.Away);
        base.Dispose();
    }

    protected override async Task ServeAsync(HttpListenerContext context)
    {
        var (now, turn, change) = Now();
        if (now == Weather.Away)
        {
            throw new IOException("away");
        }

        var isWatch = context.Request.QueryString["watch"] == "true";
        var fault = now == Weather.Foul && turn % 2 == 1 ? turn / 2 % (isWatch ? 4 : 7) : -1;
        await (isWatch ? WatchAsync(context, fault, change) : RequestAsync(context, fault, change));
    }

    private async Task RequestAsync(HttpListenerContext context, int fault, CancellationToken change)
    {
        switch (fault)
        {
            case 0:
                Note("429");
                context.Response.Headers["Retry-After"] = "1";
                await RefuseAsync(context, 429, "TooManyRequests");
                return;
            case 1:
                Note("500");
                await RefuseAsync(context, 500, "InternalError");
                return;
            case 2:
                Note("garbage");
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync("<html>no"u8.ToArray(), change);
                return;
            case 3:
                Note("drop before");
                throw new IOException("dropped");
            case 4:
                Note("delay");
                await Task.Delay(Delay, change);
                break;
        }

        using var answer = await ForwardAsync(context.Request, change);
        if (fault == 5)
        {
            Note("drop after");
            throw new IOException("dropped");
        }

        await CopyAsync(answer, context.Response, change, fault == 6 ? Truncated : long.MaxValue);
        if (fault == 6)
        {
            Note("truncated");
            throw new IOException("truncated");
        }
    }

    private async Task WatchAsync(HttpListenerContext context, int fault, CancellationToken change)
    {
        switch (fault)
        {
            case 0:
                Note("watch 410");
                await RefuseAsync(context, 410, "Expired");
                return;
            case 1:
                Note("watch ERROR 410");
                context.Response.ContentType = "application/json";
                var line = $$"""{"type":"ERROR","object":{{StatusOf(410, "Expired")}}}""" + "\n";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(line), change);
                return;
            case 2:
                Note("watch refused");
                await RefuseAsync(context, 503, "ServiceUnavailable");
                return;
        }

        using var cut = CancellationTokenSource.CreateLinkedTokenSource(change);
        if (fault == 3)
        {
            Note("watch cut");
            cut.CancelAfter(LifeOfCutWatch);
        }

        using var answer = await ForwardAsync(context.Request, cut.Token);
        await CopyAsync(answer, context.Response, cut.Token);
    }

    private (Weather Weather, int Turn, CancellationToken Change) Now()
    {
        lock (gate)
        {
            return (weather, requests++, weatherChange.Token);
        }
    }

    private void Note(string fault)
    {
        lock (gate)
        {
            Met.Add(fault);
        }
    }

    private static async Task RefuseAsync(HttpListenerContext context, int code, string reason)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(StatusOf(code, reason)));
    }

    private static string StatusOf(int code, string reason) =>
        $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"a fault of the test","reason":"{{reason}}","code":{{code}}}""";
}
