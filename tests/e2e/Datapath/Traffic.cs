using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>What tests send and what they expect of it.</summary>
internal static class Traffic
{
    // Long enough for a packet that is on its way; nothing of the lab's takes a millisecond.
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(100);

    public static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    public static int Port(this Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    public static (byte[] Payload, IPEndPoint From) ReceiveDatagram(this Socket socket)
    {
        var buffer = new byte[65536];
        EndPoint from = new IPEndPoint(
            socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any,
            0
        );
        var length = socket.ReceiveFrom(buffer, ref from);
        return (buffer[..length], (IPEndPoint)from);
    }

    public static string ReceiveText(this Socket socket) => Encoding.ASCII.GetString(socket.ReceiveDatagram().Payload);

    public static void AssertSilent(this Socket socket) =>
        Assert.False(socket.Poll(Silence, SelectMode.SelectRead), "a packet arrived that must not");

    /// <summary>A datagram there and back; returns where it seemed to come from.</summary>
    public static IPEndPoint Exchange(Socket client, Socket server, byte[] payload)
    {
        client.Send(payload);
        var (got, from) = server.ReceiveDatagram();
        Assert.Equal(payload, got);
        Array.Reverse(payload);
        server.SendTo(payload, from);
        Assert.Equal(payload, client.ReceiveDatagram().Payload);
        return from;
    }

    /// <summary>A UDP round trip from one machine to another; returns the address the other saw.</summary>
    public static IPAddress Udp(Machine client, Machine server, AddressFamily family, int size = 100)
    {
        using var there = server.Udp(family);
        using var here = client.UdpTo(there.LocalEndPoint!);
        return Exchange(here, there, Bytes(size)).Address;
    }

    /// <summary>A TCP connection that carries a megabyte and ends in order; returns the address the other saw.</summary>
    public static IPAddress Tcp(Machine client, Machine server, AddressFamily family, int size = 1 << 20)
    {
        using var listener = server.Listen(family);
        using var here = client.TcpTo(listener.LocalEndPoint!);
        using var there = listener.Accept();
        Upload(here, there, Bytes(size));
        return ((IPEndPoint)there.RemoteEndPoint!).Address;
    }

    public static void Upload(Socket from, Socket to, byte[] bytes)
    {
        from.SendTimeout = to.ReceiveTimeout = 20_000;
        var sending = Task.Run(() =>
        {
            var sent = 0;
            while (sent < bytes.Length)
            {
                sent += from.Send(bytes.AsSpan(sent));
            }

            from.Shutdown(SocketShutdown.Send);
        });
        using var stream = new NetworkStream(to);
        using var got = new MemoryStream();
        stream.CopyTo(got);
        sending.Wait();
        Assert.True(bytes.AsSpan().SequenceEqual(got.ToArray()), "what arrived is not what was sent");
    }

    /// <summary>The error that the socket reports within its patience.</summary>
    public static SocketError ErrorOf(Action action) => Assert.ThrowsAny<SocketException>(action).SocketErrorCode;

    /// <summary>Waits for something that follows from an event, and says how long it took.</summary>
    public static TimeSpan Eventually(string what, TimeSpan patience, Func<bool> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < patience, $"after {patience.TotalSeconds} s it is still not so that {what}");
            Thread.Sleep(10);
        }

        return watch.Elapsed;
    }
}
