using Weft.Net;
using Weft.Netlink.Protocol;

namespace Weft.Netlink;

/// <summary>A connected UDP socket.</summary>
public sealed record UdpSocket
{
    /// <summary>Whom it is connected to. An IPv6 socket may talk IPv4.</summary>
    public required Ip Remote { get; init; }

    /// <summary>The other's port.</summary>
    public required ushort RemotePort { get; init; }

    /// <summary>The kernel's number for it (SO_COOKIE), unique for all time of a boot.</summary>
    public required ulong Cookie { get; init; }

    internal byte Family { get; init; }

    internal SocketMessage.SocketId Id { get; init; }
}
