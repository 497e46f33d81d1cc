using System.Net;
using System.Net.Sockets;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>
/// A pod, a node or the outside host: a network namespace and its addresses. A socket stays in the namespace it was
/// made in, so the tests' own threads use them all.
/// </summary>
internal sealed class Machine(string name, NetworkNamespace network, Ip v4, Ip v6) : IDisposable
{
    /// <summary>How long a test waits for what must come.</summary>
    private const int Patience = 5000;

    // Which address the kernel checks a sender's against, <linux/in.h> and <linux/in6.h>.
    private const int SolIp = 0;
    private const int SolIpv6 = 41;
    private const int IpTransparent = 19;
    private const int Ipv6Transparent = 75;

    public Machine(string name, string path, Ip v4, Ip v6)
        : this(name, NetworkNamespace.Open(path), v4, v6) { }

    public NetworkNamespace Network => network;

    public IPAddress this[AddressFamily family] => (family == AddressFamily.InterNetwork ? v4 : v6).ToIPAddress();

    private static IPAddress Any(AddressFamily family) =>
        family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;

    /// <summary>A socket that answers, bound to the machine's own address.</summary>
    public Socket Udp(AddressFamily family, int port = 0) => Bound(SocketType.Dgram, this[family], port);

    /// <summary>A socket that talks to one other; the kernel chooses its address.</summary>
    public Socket UdpTo(EndPoint remote, int port = 0)
    {
        var socket = Bound(SocketType.Dgram, Any(remote.AddressFamily), port);
        Connect(socket, remote);
        return socket;
    }

    public Socket Listen(AddressFamily family)
    {
        var socket = Bound(SocketType.Stream, this[family], 0);
        socket.Listen(128);
        return socket;
    }

    public Socket TcpTo(EndPoint remote)
    {
        var socket = Bound(SocketType.Stream, Any(remote.AddressFamily), 0);
        Connect(socket, remote);
        return socket;
    }

    /// <summary>What a machine may do that is its own master: send from any address (CAP_NET_ADMIN in its namespace).</summary>
    public Socket Forging(SocketType type, IPAddress source, int port = 0)
    {
        var socket = New(source.AddressFamily, type, ProtocolType.Unspecified);
        var (level, option) =
            source.AddressFamily == AddressFamily.InterNetwork ? (SolIp, IpTransparent) : (SolIpv6, Ipv6Transparent);
        socket.SetRawSocketOption(level, option, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(source, port));
        return socket;
    }

    /// <summary>A socket that sends ICMP and hears all of it that comes in.</summary>
    public Socket Icmp(AddressFamily family)
    {
        var socket = New(
            family,
            SocketType.Raw,
            family == AddressFamily.InterNetwork ? ProtocolType.Icmp : ProtocolType.IcmpV6
        );
        socket.Bind(new IPEndPoint(Any(family), 0));
        return socket;
    }

    public override string ToString() => name;

    public void Dispose() => network.Dispose();

    private static void Connect(Socket socket, EndPoint remote)
    {
        try
        {
            socket.Connect(remote);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Socket Bound(SocketType type, IPAddress address, int port)
    {
        var socket = New(address.AddressFamily, type, ProtocolType.Unspecified);
        socket.Bind(new IPEndPoint(address, port));
        return socket;
    }

    private Socket New(AddressFamily family, SocketType type, ProtocolType protocol)
    {
        var socket = network.Run(() => new Socket(family, type, protocol));
        socket.ReceiveTimeout = Patience;
        socket.SendTimeout = Patience;
        return socket;
    }
}
