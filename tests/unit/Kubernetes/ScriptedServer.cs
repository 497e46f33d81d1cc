using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Weft.Kubernetes;

namespace Weft.Tests.Unit.Kubernetes;

/// <summary>An HTTP/1.1 server on loopback whose answers, good and bad, a test writes byte by byte.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<Exchange, Task> answer;
    private readonly SslServerAuthenticationOptions? tls;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly List<Task> connections = [];
    private readonly List<string> requests = [];
    private readonly Task accepting;

    public ScriptedServer(Func<Exchange, Task> answer, SslServerAuthenticationOptions? tls = null)
    {
        this.answer = answer;
        this.tls = tls;
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Address => new($"{(tls is null ? "http" : "https")}://127.0.0.1:{Port}");

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public ClusterConnection Connection => new() { Server = Address };

    /// <summary>Ends when the server does; an answer that never comes waits for it.</summary>
    public CancellationToken Stopping => stopping.Token;

    /// <summary>"METHOD path?query" of every request, in order.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (gate)
            {
                return [.. requests];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        await Task.WhenAll(connections);
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stopping.Token);
                connections.Add(Task.Run(() => ServeAsync(client)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            Stream stream = client.GetStream();
            X509Certificate? peer = null;
            if (tls is not null)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsServerAsync(tls, stopping.Token);
                peer = secure.RemoteCertificate;
                stream = secure;
            }

            while (await Exchange.ReadAsync(client, stream, peer, stopping.Token) is { } exchange)
            {
                lock (gate)
                {
                    requests.Add($"{exchange.Method} {exchange.Target}");
                }

                await answer(exchange);
            }
        }
        catch (Exception e)
            when (e
                    is IOException
                        or SocketException
                        or OperationCanceledException
                        or ObjectDisposedException
                        or System.Security.Authentication.AuthenticationException
            )
        {
            // The client went, or the test cut the connection.
        }
    }
}
