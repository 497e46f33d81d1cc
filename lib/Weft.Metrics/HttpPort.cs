using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Weft.Metrics;

/// <summary>
/// Answers HTTP, one request a connection. So little of it needs no web server: the first line is read, and what a client
/// sends beyond its bounds ends the connection, as does silence. With too many at once, further ones wait.
/// </summary>
/// <param name="endpoint">Where; [::] is all addresses of both families.</param>
/// <param name="answer">What a request's first line is answered with.</param>
/// <param name="logger">For connections that end early.</param>
public sealed partial class HttpPort(IPEndPoint endpoint, Func<string, HttpAnswer> answer, ILogger logger) : IDisposable
{
    private const int MostConnections = 64;
    private const int LongestRequest = 8192;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);
    private readonly TcpListener listener = new(Usable(endpoint));
    private readonly SemaphoreSlim connections = new(MostConnections);

    /// <summary>Takes the port.</summary>
    /// <returns>The endpoint, with the port that the system chose where 0 was asked for.</returns>
    /// <exception cref="SocketException">Somebody has it, or the address is not this machine's.</exception>
    public IPEndPoint Listen()
    {
        if (listener.Server.AddressFamily == AddressFamily.InterNetworkV6)
        {
            listener.Server.DualMode = true;
        }

        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await connections.WaitAsync(cancellation);
            try
            {
                var socket = await listener.AcceptSocketAsync(cancellation);
                _ = ServeAsync(socket, cancellation);
            }
            catch (SocketException e)
            {
                connections.Release();
                LogLost(e.Message);
                // Most likely there are no more descriptors; what is served here is no reason to end the process.
                await Task.Delay(PauseAfterFailure, cancellation);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    /// <summary>A kernel without IPv6 has no [::] to listen at.</summary>
    private static IPEndPoint Usable(IPEndPoint endpoint) =>
        endpoint.Address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6
            ? new IPEndPoint(IPAddress.Any, endpoint.Port)
            : endpoint;

    private async Task ServeAsync(Socket socket, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            using (socket)
            {
                var request = await ReadRequestLineAsync(socket, patience.Token);
                await SendAllAsync(socket, answer(request).ToBytes(), patience.Token);
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
