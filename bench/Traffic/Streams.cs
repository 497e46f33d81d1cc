using System.Diagnostics;

namespace Weft.Bench.Traffic;

/// <summary>As much as goes through one connection in one direction.</summary>
internal static class Streams
{
    private const int BufferBytes = 128 << 10;

    /// <summary>Counts what has arrived, not what was sent: that may still be in buffers.</summary>
    public static Round? Serve(Exchange exchange)
    {
        using var listener = BlockingSocket.Listen(exchange.Server, exchange.Port);
        exchange.Listening.Set();
        using var connection = listener.Accept();
        var buffer = new byte[BufferBytes];
        var start = Stopwatch.GetTimestamp();
        long bytes = 0;
        while (connection.Receive(buffer) is > 0 and var got)
        {
            bytes += got;
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Round(8 * bytes / seconds / 1e9, null, 1);
    }

    public static Round? Ask(Exchange exchange)
    {
        using var connection = BlockingSocket.ConnectTcp(exchange.Asked, exchange.Port);
        var buffer = new byte[BufferBytes];
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < exchange.Time; )
        {
            connection.Send(buffer);
        }

        return null;
    }
}
