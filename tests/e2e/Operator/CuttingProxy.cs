using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

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
/// Stands between a client and the API server, lets so many writes through and then nothing at all: for the cluster,
/// what is behind it was killed there.
/// </summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly HttpClient server;
    private readonly CancellationTokenSource cut = new();
    private readonly Cut where;
    private int writesLeft;

    public CuttingProxy(Uri server, string token, int writes, Cut where)
    {
        this.where = where;
        writesLeft = writes;
        Address = new Uri($"http://127.0.0.1:{FreePort()}/");
        listener.Prefixes.Add(Address.AbsoluteUri);
        this.server = new HttpClient(
            new SocketsHttpHandler
            {
#pragma warning disable CA5359 // A server of this very process; what is tested is behind this proxy, not before it.
                SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
            }
        )
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        this.server.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Cancelled when the connection is cut.</summary>
    public CancellationToken WasCut => cut.Token;

    public void Dispose()
    {
        cut.Cancel();
        listener.Close();
        server.Dispose();
        cut.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = ServeAsync(context);
        }
    }

    private async Task ServeAsync(HttpListenerContext context)
    {
        try
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
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            context.Response.SendChunked = true;
            await using var body = await answer.Content.ReadAsStreamAsync(cut.Token);
            var buffer = new byte[16384];
            for (int read; (read = await body.ReadAsync(buffer, cut.Token)) > 0; )
            {
                await context.Response.OutputStream.WriteAsync(buffer.AsMemory(0, read), cut.Token);
                await context.Response.OutputStream.FlushAsync(cut.Token);
            }

            context.Response.Close();
        }
        catch (Exception e)
            when (e
                    is OperationCanceledException
                        or HttpRequestException
                        or IOException
                        or HttpListenerException
                        or ObjectDisposedException
            )
        {
            context.Response.Abort();
        }
    }

    private async Task<HttpResponseMessage> ForwardAsync(HttpListenerRequest asked, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(new HttpMethod(asked.HttpMethod), asked.Url!.PathAndQuery);
        if (asked.HasEntityBody)
        {
            request.Content = new StreamContent(asked.InputStream);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(asked.ContentType!);
        }

        request.Headers.Accept.ParseAdd("application/json");
        return await server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
