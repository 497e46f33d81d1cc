using System.Net;
using System.Net.Sockets;

namespace Weft.Lab.Probes;

/// <summary>Answers SCTP associations to some ports of a network namespace, so far as to accept them.</summary>
public sealed class SctpServer : IDisposable
{
    private readonly Socket[] sockets;

    private SctpServer(Socket[] sockets) => this.sockets = sockets;

    /// <summary>Serves in the network namespace of the calling thread, in both families.</summary>
    public static SctpServer Start(IReadOnlyCollection<ushort> ports)
    {
        Socket[] sockets =
        [
            SctpSocket.Create(AddressFamily.InterNetwork),
            SctpSocket.Create(AddressFamily.InterNetworkV6),
        ];
        foreach (var socket in sockets)
        {
            new Thread(() => Answer(socket, ports)) { IsBackground = true }.Start();
        }

        return new SctpServer(sockets);
    }

    /// <summary>Ends the threads: their sockets fail under them.</summary>
    public void Dispose()
    {
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }
    }

    private static void Answer(Socket socket, IReadOnlyCollection<ushort> ports)
    {
        var buffer = new byte[1 << 11];
        EndPoint client = new IPEndPoint(
            socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any,
            0
        );
        while (true)
        {
            try
            {
                var got = socket.ReceiveFrom(buffer, ref client);
                var packet = SctpSocket.Payload(socket.AddressFamily, buffer.AsSpan(0, got));
                if (SctpPacket.Answer(packet) is { } answer && ports.Contains(SctpPacket.DestinationPort(packet)))
                {
                    // A raw socket takes the protocol for the port of its address.
                    socket.SendTo(answer, new IPEndPoint(((IPEndPoint)client).Address, 0));
                }
            }
            catch (SocketException) when (socket.SafeHandle is { IsClosed: false })
            {
                // An ICMP error for an earlier answer.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
