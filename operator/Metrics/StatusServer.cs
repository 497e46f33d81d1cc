using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Weft.Operator.Metrics;

/// <summary>
/// Answers /healthz and /metrics, one request a connection. So little HTTP needs no web server: the first line is read,
/// and what a client sends beyond its bounds ends the connection.
/// </summary>
internal sealed partial class StatusServer(IPEndPoint endpoint, OperatorMetrics metrics, ILogger logger) : IDisposable
{
    private const int MostConnections = 16;
    private const int LongestRequest = 8192;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly TcpListener listener = new(endpoint);
    private readonly SemaphoreSlim connections = new(MostConnections);

    /// <summary>Takes the port.</summary>
    /// <returns>The endpoint, with the port that the system chose where the configuration has 0.</returns>
    public IPEndPoint Listen()
    {
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await connections.WaitAsync(cancellation);
            var socket = await listener.AcceptSocketAsync(cancellation);
            _ = ServeAsync(socket, cancellation);
        }
    }

    public void Dispose()
    {
        listener.Dispose();
        connections.Dispose();
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            using (socket)
            {
                var (code, body) = Answer(await ReadRequestLineAsync(socket, patience.Token));
                var head =
                    $"HTTP/1.1 {code}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                    + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n";
                await SendAllAsync(socket, Encoding.UTF8.GetBytes(head + body), patience.Token);
                socket.Shutdown(SocketShutdown.Both);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            LogLost(e.Message);
        }
        finally
        {
            connections.Release();
        }
    }

    private (string Code, string Body) Answer(string request) =>
        request.Split(' ') switch
        {
            ["GET", "/healthz", ..] => ("200 OK", "ok\n"),
            ["GET", "/metrics", ..] => ("200 OK", metrics.Write()),
            ["GET", ..] => ("404 Not Found", "there are /healthz and /metrics\n"),
            _ => ("405 Method Not Allowed", "GET only\n"),
        };

    /// <summary>The whole head is read, for a close with bytes unread would reset the connection under the answer.</summary>
    private static async Task<string> ReadRequestLineAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[LongestRequest];
        var length = 0;
        while (length < buffer.Length && !buffer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return Encoding.ASCII.GetString(buffer, 0, length).Split("\r\n")[0];
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellation)..];
        }
    }

    [LoggerMessage(LogLevel.Debug, "A connection for health or metrics ended early: {Error}")]
    private partial void LogLost(string error);
}
