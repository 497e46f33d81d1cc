using System.Net.Sockets;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>A TCP connection that is never idle: blocks go there and come back, until stopped.</summary>
internal sealed class Stream : IDisposable
{
    private const int BlockSize = 4096;
    private readonly Socket client;
    private readonly Socket server;
    private readonly Task<int> talking;
    private readonly Task answering;
    private volatile bool stopping;

    public Stream(Machine from, Machine to, AddressFamily family)
    {
        using var listener = to.Listen(family);
        client = from.TcpTo(listener.LocalEndPoint!);
        server = listener.Accept();
        client.NoDelay = server.NoDelay = true;
        answering = Task.Factory.StartNew(
            Answer,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        talking = Task.Factory.StartNew(
            Talk,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    /// <summary>How many blocks went there and back; fails if the connection broke or stood still for seconds.</summary>
    public int Stop()
    {
        stopping = true;
        var blocks = talking.Result;
        answering.Wait();
        return blocks;
    }

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
    }

    private int Talk()
    {
        var sent = Traffic.Bytes(BlockSize);
        var got = new byte[BlockSize];
        var blocks = 0;
        for (; !stopping; blocks++)
        {
            client.Send(sent);
            for (var length = 0; length < BlockSize; )
            {
                var more = client.Receive(got.AsSpan(length));
                Assert.NotEqual(0, more);
                length += more;
            }

            Assert.Equal(sent, got);
        }

        client.Shutdown(SocketShutdown.Send);
        return blocks;
    }

    private void Answer()
    {
        var buffer = new byte[BlockSize];
        while (server.Receive(buffer) is > 0 and var length)
        {
            server.Send(buffer.AsSpan(0, length));
        }
    }
}
