using System.Net;
using System.Net.Sockets;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>A datagram a millisecond to another machine, which sends each back, until stopped.</summary>
internal sealed class Ping : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    // A reply can be late on a busy machine; one that has not come by then is lost.
    private const int Patience = 2000;
    private readonly Socket client;
    private readonly Socket server;
    private readonly Task<int> sending;
    private readonly Task<HashSet<int>> receiving;
    private readonly Task answering;
    private volatile bool stopping;

    public Ping(Machine from, Machine to, AddressFamily family)
    {
        server = to.Udp(family);
        client = from.UdpTo(server.LocalEndPoint!);
        client.ReceiveTimeout = server.ReceiveTimeout = Patience;
        answering = Run(Answer);
        receiving = Run(Receive);
        sending = Run(Send);
    }

    /// <summary>How many were sent, and how many of them never came back.</summary>
    public (int Sent, int Lost) Stop()
    {
        stopping = true;
        var sent = sending.Result;
        var lost = sent - receiving.Result.Count;
        answering.Wait();
        return (sent, lost);
    }

    public void Dispose()
    {
        stopping = true;
        Task.WhenAll(sending, receiving, answering).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        client.Dispose();
        server.Dispose();
    }

    private static Task<T> Run<T>(Func<T> action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private int Send()
    {
        var sent = 0;
        for (; !stopping; sent++)
        {
            client.Send(BitConverter.GetBytes(sent));
            Thread.Sleep(Interval);
        }

        return sent;
    }

    /// <summary>Ends when nothing came for as long as the patience.</summary>
    private HashSet<int> Receive()
    {
        var got = new HashSet<int>();
        var buffer = new byte[sizeof(int)];
        while (Waits(client))
        {
            client.Receive(buffer);
            got.Add(BitConverter.ToInt32(buffer));
        }

        return got;
    }

    private bool Answer()
    {
        while (Waits(server))
        {
            var (payload, from) = server.ReceiveDatagram();
            server.SendTo(payload, from);
        }

        return true;
    }

    private static bool Waits(Socket socket) => socket.Poll(TimeSpan.FromMilliseconds(Patience), SelectMode.SelectRead);
}
