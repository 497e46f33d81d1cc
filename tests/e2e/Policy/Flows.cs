using System.Net;
using System.Net.Sockets;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>What goes on between two pods while policies change. Each is a round for a <see cref="Watcher"/>.</summary>
internal static class Flows
{
    private const int Port = 80;

    /// <summary>Longer than anything on this machine takes, however busy it is.</summary>
    private const int Patience = 10_000;
    private const int BlockBytes = 512;

    /// <summary>One TCP connection that carries a block there and back each round.</summary>
    public static Func<string?> Stream(PolicyPod from, PolicyPod to, int family)
    {
        var client = from.Network.Run(() => Open(SocketType.Stream, to.Addresses[family]));
        var block = new byte[BlockBytes];
        client.Connect(new IPEndPoint(to.Addresses[family], Port));
        // The server says who we are first.
        client.Receive(block);
        return () =>
        {
            try
            {
                client.Send(block);
                for (var got = 0; got < block.Length; )
                {
                    var more = client.Receive(block.AsSpan(got));
                    if (more == 0)
                    {
                        return $"the stream {from.Name} to {to.Name} ({family}) was closed";
                    }

                    got += more;
                }

                return null;
            }
            catch (SocketException e)
            {
                return $"the stream {from.Name} to {to.Name} ({family}) broke: {e.SocketErrorCode}";
            }
        };
    }

    /// <summary>A datagram and its answer each round, always of the same ports.</summary>
    public static Func<string?> Exchange(PolicyPod from, PolicyPod to, int family)
    {
        var client = from.Network.Run(() => Open(SocketType.Dgram, to.Addresses[family]));
        client.Connect(new IPEndPoint(to.Addresses[family], Port));
        return () => Ask(client, $"the exchange {from.Name} to {to.Name} ({family})");
    }

    /// <summary>A datagram and its answer each round, every time a new flow.</summary>
    public static Func<string?> NewExchanges(PolicyPod from, PolicyPod to, int family) =>
        () =>
        {
            using var client = Open(SocketType.Dgram, to.Addresses[family]);
            client.Connect(new IPEndPoint(to.Addresses[family], Port));
            return Ask(client, $"a new exchange {from.Name} to {to.Name} ({family})");
        };

    /// <summary>Datagrams and SYNs of new flows that nothing may ever come back for.</summary>
    public static Func<string?> Denied(PolicyPod from, PolicyPod to, int family)
    {
        var open = new Queue<Socket>();
        const int MostOpen = 64;
        return () =>
        {
            var udp = Open(SocketType.Dgram, to.Addresses[family]);
            udp.Connect(new IPEndPoint(to.Addresses[family], Port));
            udp.Send([1]);
            open.Enqueue(udp);
            var tcp = Open(SocketType.Stream, to.Addresses[family]);
            tcp.Blocking = false;
            try
            {
                tcp.Connect(new IPEndPoint(to.Addresses[family], Port));
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                // As it is with every connection that is under way.
            }

            open.Enqueue(tcp);
            if (open.Count <= MostOpen)
            {
                return null;
            }

            using var firstUdp = open.Dequeue();
            using var firstTcp = open.Dequeue();
            return firstUdp.Poll(0, SelectMode.SelectRead)
                    ? $"a datagram {from.Name} to {to.Name} ({family}) was answered"
                : firstTcp.Poll(0, SelectMode.SelectWrite)
                    ? $"a connection {from.Name} to {to.Name} ({family}) came about"
                : null;
        };
    }

    /// <summary>Asks once more, as all do who use UDP: it may lose a datagram. Whether it was denied is told elsewhere.</summary>
    private static string? Ask(Socket client, string what) =>
        AskOnce(client, what) is null ? null : AskOnce(client, what);

    private static string? AskOnce(Socket client, string what)
    {
        try
        {
            client.Send([1]);
            client.Receive(new byte[BlockBytes]);
            return null;
        }
        catch (SocketException e)
        {
            return $"{what} was not answered: {e.SocketErrorCode}";
        }
    }

    private static Socket Open(SocketType type, IPAddress to) =>
        new(to.AddressFamily, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp)
        {
            ReceiveTimeout = Patience,
            SendTimeout = Patience,
        };
}
