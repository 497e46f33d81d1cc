using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>An ICMP message as a raw socket has it: IPv4's comes with the packet's header, IPv6's without.</summary>
internal readonly record struct IcmpMessage(
    AddressFamily Family,
    byte Type,
    byte Code,
    ushort Identifier,
    ushort Sequence
)
{
    private const byte EchoRequestV4 = 8;
    private const byte EchoRequestV6 = 128;
    private const byte EchoReplyV6 = 129;
    private const byte TimeExceededV4 = 11;
    private const byte TimeExceededV6 = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public bool IsEchoRequest => Type == (Family == AddressFamily.InterNetwork ? EchoRequestV4 : EchoRequestV6);

    public bool IsEchoReply => Type == (Family == AddressFamily.InterNetwork ? 0 : EchoReplyV6);

    public bool IsTimeExceeded => Type == (Family == AddressFamily.InterNetwork ? TimeExceededV4 : TimeExceededV6);

    public static byte[] EchoRequest(AddressFamily family, ushort identifier, ushort sequence)
    {
        var message = new byte[8];
        message[0] = family == AddressFamily.InterNetwork ? EchoRequestV4 : EchoRequestV6;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), identifier);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), sequence);
        // RFC 1071 over three words that cannot carry twice; of ICMPv6 the kernel writes it.
        var sum = (message[0] << 8) + identifier + sequence;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)~(sum + (sum >> 16)));
        return message;
    }

    /// <summary>The next message of this kind, and its sender. A raw socket hears all others too.</summary>
    public static (IcmpMessage Message, IPAddress From) Receive(Socket socket, Predicate<IcmpMessage> wanted)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience; )
        {
            var (packet, from) = socket.ReceiveDatagram();
            var message = Parse(socket.AddressFamily, packet);
            if (wanted(message))
            {
                return (message, from.Address);
            }
        }

        throw new TimeoutException("only other messages came");
    }

    private static IcmpMessage Parse(AddressFamily family, ReadOnlySpan<byte> packet)
    {
        var icmp = family == AddressFamily.InterNetwork ? packet[((packet[0] & 0xf) * 4)..] : packet;
        return new IcmpMessage(
            family,
            icmp[0],
            icmp[1],
            BinaryPrimitives.ReadUInt16BigEndian(icmp[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(icmp[6..])
        );
    }
}
