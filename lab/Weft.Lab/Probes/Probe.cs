using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Weft.Lab.Probes;

/// <summary>Tries a path from the network namespace of the calling thread.</summary>
public static class Probe
{
    // linux/tcp.h. One repeat of the SYN, so that connecting gives up after 3 s instead of two minutes.
    private const int TcpSynCount = 7;

    /// <summary>Larger than any MTU and any segment: shows wrong MTUs, checksums and segmentation.</summary>
    private const int BulkBytes = 64 << 10;

    /// <summary>A full packet of the smallest link in use, and more than one of it: shows fragments getting lost.</summary>
    private const int DatagramBytes = 2000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Connects, echoes single bytes, then echoes 64 KiB.</summary>
    public static ProbeResult Tcp(IPEndPoint to, int count) =>
        Try(() =>
        {
            using var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.SetRawSocketOption((int)ProtocolType.Tcp, TcpSynCount, BitConverter.GetBytes(1));
            SetPatience(socket);
            socket.Connect(to);
            var seenAs = ReadLine(socket);
            var one = new byte[1];
            var result = ProbeResult.Measure(
                count,
                seenAs,
                () =>
                {
                    socket.Send(one);
                    Fill(socket, one);
                }
            );

            var sent = RandomNumberGenerator.GetBytes(BulkBytes);
            var received = new byte[BulkBytes];
            socket.Send(sent);
            Fill(socket, received);
            return sent.AsSpan().SequenceEqual(received)
                ? result
                : ProbeResult.Failed("64 KiB came back changed", seenAs);
        });

    /// <summary>Asks who it is, echoes small datagrams, then one that takes two packets.</summary>
    public static ProbeResult Udp(IPEndPoint to, int count) =>
        Try(() =>
        {
            using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            SetPatience(socket);
            socket.Connect(to);
            socket.Send(ProbeServer.WhoAmI);
            var buffer = new byte[DatagramBytes];
            var seenAs = Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)).TrimEnd();
            var result = ProbeResult.Measure(
                count,
                seenAs,
                () =>
                {
                    socket.Send(buffer.AsSpan(0, 1));
                    socket.Receive(buffer);
                }
            );

            var large = RandomNumberGenerator.GetBytes(DatagramBytes);
            socket.Send(large);
            return socket.Receive(buffer) == DatagramBytes && buffer.AsSpan().SequenceEqual(large)
                ? result
                : ProbeResult.Failed($"a datagram of {DatagramBytes} bytes came back changed", seenAs);
        });

    /// <summary>ICMP echo.</summary>
    public static ProbeResult Ping(IPAddress to, int count) =>
        Try(() =>
        {
            using var pinger = new Pinger(to, Patience);
            return ProbeResult.Measure(count, null, pinger.RoundTrip);
        });

    internal static void SetPatience(Socket socket) => SetPatience(socket, Patience);

    internal static void SetPatience(Socket socket, TimeSpan patience) =>
        socket.SendTimeout = socket.ReceiveTimeout = (int)patience.TotalMilliseconds;

    private static ProbeResult Try(Func<ProbeResult> probe)
    {
        try
        {
            return probe();
        }
        catch (SocketException e)
        {
            // A time-out set on the socket shows as "try again".
            return ProbeResult.Failed(
                e.SocketErrorCode is SocketError.WouldBlock or SocketError.TimedOut ? "no answer" : e.Message
            );
        }
        catch (EndOfStreamException)
        {
            return ProbeResult.Failed("the connection was closed early");
        }
    }

    private static string ReadLine(Socket socket)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (true)
        {
            Fill(socket, one);
            if (one[0] == '\n')
            {
                return line.ToString();
            }

            line.Append((char)one[0]);
        }
    }

    private static void Fill(Socket socket, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var got = socket.Receive(buffer);
            if (got == 0)
            {
                throw new EndOfStreamException();
            }

            buffer = buffer[got..];
        }
    }
}
