using System.Diagnostics;
using Weft.Bench.Results;

namespace Weft.Bench.Traffic;

/// <summary>One byte there, one byte back, over a connection, over a new connection each, and by datagrams.</summary>
internal static class RoundTrips
{
    private const byte Question = 1;
    private const byte Last = 0;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(50);

    // No path is faster than this, so every sample has a place made before.
    private static readonly TimeSpan Fastest = TimeSpan.FromMicroseconds(1);

    public static Round? ServeTcp(Exchange exchange)
    {
        using var listener = BlockingSocket.Listen(exchange.Server, exchange.Port);
        exchange.Listening.Set();
        using var connection = listener.Accept();
        Span<byte> one = stackalloc byte[1];
        while (connection.Receive(one) > 0)
        {
            connection.Send(one);
        }

        return null;
    }

    public static Round? AskTcp(Exchange exchange)
    {
        using var connection = BlockingSocket.ConnectTcp(exchange.Asked, exchange.Port);
        return Repeat(exchange, () => Ask(connection));
    }

    /// <summary>The server closes first, so that its side keeps the connection in TIME_WAIT and ports do not run out.</summary>
    public static Round? ServeConnections(Exchange exchange)
    {
        using var listener = BlockingSocket.Listen(exchange.Server, exchange.Port);
        exchange.Listening.Set();
        Span<byte> one = stackalloc byte[1];
        do
        {
            using var connection = listener.Accept();
            connection.Receive(one);
            connection.Send(one);
        } while (one[0] != Last);
        return null;
    }

    public static Round? AskConnections(Exchange exchange)
    {
        var round = Repeat(exchange, () => Connect(Question));
        Connect(Last);
        return round;

        void Connect(byte question)
        {
            using var connection = BlockingSocket.ConnectTcp(exchange.Asked, exchange.Port);
            Span<byte> one = [question];
            connection.Send(one);
            connection.Receive(one);
            connection.Receive(one);
        }
    }

    public static Round? ServeUdp(Exchange exchange)
    {
        using var socket = BlockingSocket.Udp(exchange.Server, exchange.Client, exchange.Port);
        exchange.Listening.Set();
        Span<byte> one = stackalloc byte[1];
        do
        {
            socket.Receive(one);
            socket.Send(one);
        } while (one[0] != Last);
        return null;
    }

    public static Round? AskUdp(Exchange exchange)
    {
        using var socket = BlockingSocket.Udp(exchange.Client, exchange.Asked, exchange.Port);
        var round = Repeat(exchange, () => Ask(socket));
        Ask(socket, Last);
        return round;
    }

    private static void Ask(BlockingSocket socket, byte question = Question)
    {
        Span<byte> one = [question];
        socket.Send(one);
        socket.Receive(one);
    }

    /// <summary>One reading of the clock for each: the end of one is the start of the next.</summary>
    private static Round Repeat(Exchange exchange, Action transaction)
    {
        var ticks = new long[(int)(exchange.Time / Fastest)];
        var warm = 0;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp; warm++)
        {
            transaction();
        }

        var count = 0;
        var before = Stopwatch.GetTimestamp();
        var end = before + (long)(exchange.Time.TotalSeconds * Stopwatch.Frequency);
        while (before < end && count < ticks.Length)
        {
            transaction();
            var now = Stopwatch.GetTimestamp();
            ticks[count++] = now - before;
            before = now;
        }

        double[] micros = [.. ticks.Take(count).Order().Select(t => 1e6 * t / Stopwatch.Frequency)];
        return new Round(micros.Quantile(0.5), micros.Quantile(0.99), warm + count);
    }
}
