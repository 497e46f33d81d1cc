using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Operator;

/// <summary>
/// Stands between clients and an API server, without TLS on their side, and does to each request what its kind of proxy
/// does.
/// </summary>
internal abstract class ApiProxy : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly NetworkNamespace machine = NetworkNamespace.Current();
    private readonly HttpClient server;

    protected ApiProxy(Uri server, string token)
    {
        this.server = new HttpClient(
            new SocketsHttpHandler
            {
#pragma warning disable CA5359 // A server of this very machine; what is tested is behind this proxy, not before it.
                SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
                ConnectCallback = ConnectAsync,
            }
        )
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        this.server.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public virtual void Dispose()
    {
        listener.Close();
        server.Dispose();
        machine.Dispose();
    }

    protected static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Listens, in the namespaces of the calling thread.</summary>
    protected void Listen(Uri address)
    {
        listener.Prefixes.Add(address.AbsoluteUri);
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Answers a request; what it throws of the ways a connection can end cuts the client's.</summary>
    protected abstract Task ServeAsync(HttpListenerContext context);

    /// <summary>What the server answers.</summary>
    protected async Task<HttpResponseMessage> ForwardAsync(HttpListenerRequest asked, CancellationToken cancellation)
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

    /// <summary>Hands an answer on as it comes, up to so many bytes.</summary>
    protected static async Task CopyAsync(
        HttpResponseMessage answer,
        HttpListenerResponse to,
        CancellationToken cancellation,
        long most = long.MaxValue
    )
    {
        to.StatusCode = (int)answer.StatusCode;
        to.ContentType = answer.Content.Headers.ContentType?.ToString();
        to.SendChunked = true;
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[16384];
        for (
            int read;
            most > 0
                && (read = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, most)), cancellation))
                    > 0;
            most -= read
        )
        {
            await to.OutputStream.WriteAsync(buffer.AsMemory(0, read), cancellation);
            await to.OutputStream.FlushAsync(cancellation);
        }
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

            _ = TryServeAsync(context);
        }
    }

    private async Task TryServeAsync(HttpListenerContext context)
    {
        try
        {
            await ServeAsync(context);
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

    /// <summary>A thread that a thread of another namespace has started is in that one too, and the pool's may be such.</summary>
    private async ValueTask<System.IO.Stream> ConnectAsync(
        SocketsHttpConnectionContext context,
        CancellationToken cancellation
    )
    {
        var socket = machine.Run(() => new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
