using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weft.Lab.Probes;

/// <summary>ICMP echo over a raw socket, which needs no ping_group_range in the namespace as a datagram one would.</summary>
internal sealed class Pinger : IDisposable
{
    private const byte EchoRequestV4 = 8;
    private const byte EchoReplyV4 = 0;
    private const byte EchoRequestV6 = 128;
    private const byte EchoReplyV6 = 129;
    private const int HeaderBytes = 8;
    private const int MessageBytes = 64;

    private readonly Socket socket;
    private readonly TimeSpan patience;
    private readonly bool v4;
    private readonly ushort id = (ushort)Random.Shared.Next();
    private readonly byte[] received = new byte[1 << 11];
    private ushort sequence;

    public Pinger(IPAddress to, TimeSpan patience)
    {
        this.patience = patience;
        v4 = to.AddressFamily == AddressFamily.InterNetwork;
        socket = new Socket(to.AddressFamily, SocketType.Raw, v4 ? ProtocolType.Icmp : ProtocolType.IcmpV6);
        Probe.SetPatience(socket, patience);

        // A raw socket that is connected gets packets from that address only.
        socket.Connect(new IPEndPoint(to, 0));
    }

    /// <exception cref="SocketException">No reply in time, or an ICMP error.</exception>
    public void RoundTrip()
    {
        sequence++;
        socket.Send(Request());
        var start = Stopwatch.GetTimestamp();
        while (!IsReply(received.AsSpan(0, socket.Receive(received))))
        {
            // Others' echoes keep coming in: the socket's own time-out is not enough.
            if (Stopwatch.GetElapsedTime(start) > patience)
            {
                throw new SocketException((int)SocketError.TimedOut);
            }
        }
    }

    public void Dispose() => socket.Dispose();

    private byte[] Request()
    {
        var message = new byte[MessageBytes];
        message[0] = v4 ? EchoRequestV4 : EchoRequestV6;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), id);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), sequence);
        if (v4)
        {
            // For ICMPv6 the kernel does it, for only it knows the source address (RFC 3542 §3.1).
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Checksum(message));
        }

        return message;
    }

    private bool IsReply(ReadOnlySpan<byte> packet)
    {
        if (v4)
        {
            // Raw IPv4 sockets deliver the IP header too; its length is in 32-bit words.
            packet = packet[((packet[0] & 0xf) * 4)..];
        }

        return packet.Length >= HeaderBytes
            && packet[0] == (v4 ? EchoReplyV4 : EchoReplyV6)
            && BinaryPrimitives.ReadUInt16BigEndian(packet[4..]) == id
            && BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) == sequence;
    }

    /// <summary>RFC 1071.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> message)
    {
        uint sum = 0;
        for (var i = 0; i < message.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(message[i..]);
        }

        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~(sum + (sum >> 16));
    }
}
