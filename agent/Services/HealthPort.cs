using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Services;

namespace Weft.Agent.Services;

/// <summary>
/// Answers a Service's health check by HTTP, whatever it is asked. A connection carries one request; with too many at
/// once, further ones are closed, and one that is silent is closed too.
/// </summary>
internal sealed class HealthPort : IDisposable
{
    private const int MostConnections = 64;
    private const int MostRequestBytes = 8192;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Func<bool> isHealthy;
    private readonly Socket listener = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp)
    {
        DualMode = true,
    };
    private volatile ServiceHealth health;
    private int connections;

    /// <exception cref="SocketException">The port is taken.</exception>
    public HealthPort(ServiceHealth health, Func<bool> isHealthy)
    {
        (this.health, this.isHealthy) = (health, isHealthy);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.IPv6Any, health.Port));
            listener.Listen();
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        _ = AcceptAsync();
    }

    /// <summary>What is answered.</summary>
    public ServiceHealth Health
    {
        get => health;
        set => health = value;
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = AnswerAsync(await listener.AcceptAsync());
            }
            catch (Exception e)
                when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException)
            {
                // Most likely there are no more descriptors; there are when other connections have ended.
                await Task.Delay(Patience);
            }
        }
    }

    private async Task AnswerAsync(Socket client)
    {
        using var connection = client;
        try
        {
            if (Interlocked.Increment(ref connections) <= MostConnections)
            {
                using var limit = new CancellationTokenSource(Patience);
                await ReadRequestAsync(client, limit.Token);
                await client.SendAsync(Response(), limit.Token);
                client.Shutdown(SocketShutdown.Both);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Whoever asks will ask again.
        }
        finally
        {
            Interlocked.Decrement(ref connections);
        }
    }

    private static async Task ReadRequestAsync(Socket client, CancellationToken cancellation)
    {
        var request = new byte[MostRequestBytes];
        for (var got = 0; got < request.Length && request.AsSpan(0, got).IndexOf("\r\n\r\n"u8) < 0; )
        {
            var more = await client.ReceiveAsync(request.AsMemory(got), cancellation);
            if (more == 0)
            {
                return;
            }

            got += more;
        }
    }

    private byte[] Response()
    {
        var (now, healthy) = (health, isHealthy());
        var status = now.Status(healthy);
        var body = now.Body(healthy);
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {(HttpStatusCode)status}\r\n");
        foreach (var (name, value) in now.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head.ToString()), .. body];
    }
}
