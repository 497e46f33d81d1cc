using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Weft.Net;

namespace Weft.Netlink.Protocol;

/// <summary>Sockets on the wire: linux/inet_diag.h.</summary>
internal static class SocketMessage
{
    private const byte IPPROTO_UDP = 17;

    // TCP_ESTABLISHED, which a connected UDP socket is too (enum in net/tcp_states.h), as a bit.
    private const uint Connected = 1 << 1;

    /// <summary>struct inet_diag_sockid, in network order but for the device and the cookie.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SocketId
    {
        public ushort SourcePort;
        public ushort DestinationPort;
        public Address Source;
        public Address Destination;
        public uint Device;
        public uint CookieLow;
        public uint CookieHigh;
    }

    /// <summary>An IPv4 address in the first four bytes, or an IPv6 one.</summary>
    [InlineArray(Ip.Size)]
    internal struct Address
    {
        private byte first;
    }

    /// <summary>struct inet_diag_req_v2.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Request
    {
        public byte Family;
        public byte Protocol;
        public byte Extensions;
        public byte Padding;
        public uint States;
        public SocketId Id;
    }

    /// <summary>The beginning of struct inet_diag_msg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Answer
    {
        public byte Family;
        public byte State;
        public byte Timer;
        public byte Retransmissions;
        public SocketId Id;
    }

    public static void DumpConnected(MessageWriter writer, byte family)
    {
        var request = new Request
        {
            Family = family,
            Protocol = IPPROTO_UDP,
            States = Connected,
        };
        writer.Begin(MessageType.SOCK_DIAG_BY_FAMILY, MessageFlags.Dump, request);
        writer.End();
    }

    public static void Destroy(MessageWriter writer, UdpSocket socket)
    {
        var request = new Request
        {
            Family = socket.Family,
            Protocol = IPPROTO_UDP,
            States = Connected,
            Id = socket.Id,
        };
        writer.Begin(MessageType.SOCK_DESTROY, MessageFlags.Change, request);
        writer.End();
    }

    public static UdpSocket? Read(ReadOnlySpan<byte> payload) =>
        Message.TryReadBody<Answer>(payload, out var answer, out _) && Family.IsIp(answer.Family)
            ? new UdpSocket
            {
                Family = answer.Family,
                Id = answer.Id,
                Remote = AddressOf(answer.Family, answer.Id.Destination),
                RemotePort = InHostOrder(answer.Id.DestinationPort),
                Cookie = ((ulong)answer.Id.CookieHigh << 32) | answer.Id.CookieLow,
            }
            : null;

    private static ushort InHostOrder(ushort network) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(network) : network;

    private static Ip AddressOf(byte family, Address address) =>
        Ip.FromBytes(family == Family.AF_INET ? ((ReadOnlySpan<byte>)address)[..4] : address);
}
