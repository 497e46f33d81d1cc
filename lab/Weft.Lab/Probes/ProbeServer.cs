using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Lab.Probes;

/// <summary>
/// Answers probes over TCP and UDP on one port of one address. The first answer is who the client is as seen from
/// here, so that a client learns whether it was translated, or who the server is, if it has a name; everything after
/// that is an echo. Threads that block,
/// because a thread pool's hand-over would be a good part of the latencies measured.
/// </summary>
public sealed class ProbeServer : IDisposable
{
    private const int LargestDatagram = 1 << 16;
    private readonly Socket tcp;
    private readonly Socket udp;
    private readonly string? name;

    private ProbeServer(Socket tcp, Socket udp, string? name)
    {
        this.tcp = tcp;
        this.udp = udp;
        this.name = name;
        new Thread(Accept) { IsBackground = true }.Start();
        new Thread(Answer) { IsBackground = true }.Start();
    }

    /// <summary>What a client sends as its first datagram to be told who it is.</summary>
    public static ReadOnlySpan<byte> WhoAmI => "who am I\n"u8;

    public IPEndPoint Address => (IPEndPoint)tcp.LocalEndPoint!;

    /// <summary>Serves in the network namespace of the calling thread. Port 0 takes a free one.</summary>
    /// <param name="at">Where.</param>
    /// <param name="name">What clients are told in place of who they are.</param>
    public static ProbeServer Start(IPEndPoint at, string? name = null)
    {
        var tcp = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        var udp = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (at.Address.Equals(IPAddress.IPv6Any))
            {
                tcp.DualMode = udp.DualMode = true;
            }

            tcp.Bind(at);
            tcp.Listen();
            udp.Bind(tcp.LocalEndPoint!);
            return new ProbeServer(tcp, udp, name);
        }
        catch
        {
            tcp.Dispose();
            udp.Dispose();
            throw;
        }
    }

    /// <summary>Ends both threads: their sockets fail under them.</summary>
    public void Dispose()
    {
        tcp.Dispose();
        udp.Dispose();
    }

    private byte[] FirstAnswer(EndPoint client)
    {
        var address = ((IPEndPoint)client).Address;
        return Encoding.ASCII.GetBytes(
            $"{name ?? $"{(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}"}\n"
        );
    }

    private void Echo(Socket client)
    {
        var buffer = new byte[LargestDatagram];
        try
        {
            client.NoDelay = true;
            client.Send(FirstAnswer(client.RemoteEndPoint!));
            while (client.Receive(buffer) is > 0 and var got)
            {
                client.Send(buffer.AsSpan(0, got));
            }
        }
        catch (SocketException)
        {
            // The client went away.
        }
        finally
        {
            client.Dispose();
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var client = tcp.Accept();
                new Thread(() => Echo(client)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private void Answer()
    {
        var buffer = new byte[LargestDatagram];
        EndPoint client = new IPEndPoint(Address.Address, 0);
        while (true)
        {
            try
            {
                var got = udp.ReceiveFrom(buffer, ref client);
                var asked = buffer.AsSpan(0, got);
                udp.SendTo(asked.SequenceEqual(WhoAmI) ? FirstAnswer(client) : asked, client);
            }
            catch (SocketException) when (udp.SafeHandle is { IsClosed: false })
            {
                // An ICMP error for an earlier answer, or no way back to this client.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
