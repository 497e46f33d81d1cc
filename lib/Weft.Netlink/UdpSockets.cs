using Weft.Netlink.Protocol;

namespace Weft.Netlink;

/// <summary>
/// The connected UDP sockets of one network namespace, by sock_diag(7). Stays in the namespace it was opened in; one
/// thread at a time.
/// </summary>
public sealed class UdpSockets : IDisposable
{
    private const string Reading = "list UDP sockets";
    private const string Closing = "close a UDP socket";

    private readonly NetlinkSocket socket;
    private readonly MessageWriter request = new(128);
    private uint sequence;

    private UdpSockets(NetlinkSocket socket) => this.socket = socket;

    /// <summary>In the network namespace of the calling thread.</summary>
    public static UdpSockets Open() => new(NetlinkSocket.OpenSocketDiagnostics());

    /// <summary>In the given namespace.</summary>
    public static UdpSockets Open(NetworkNamespace target) => target.OpenInside(Open);

    /// <summary>Those of both families. One that comes or goes meanwhile may be among them or not.</summary>
    /// <exception cref="NetlinkException">The kernel has no CONFIG_INET_UDP_DIAG.</exception>
    public IReadOnlyList<UdpSocket> Connected()
    {
        var found = new List<UdpSocket>();
        foreach (var family in (byte[])[Family.AF_INET, Family.AF_INET6])
        {
            request.Clear();
            SocketMessage.DumpConnected(request, family);
            Ask(
                Reading,
                message =>
                {
                    if (SocketMessage.Read(message.Payload) is { } one)
                    {
                        found.Add(one);
                    }
                }
            );
        }

        return found;
    }

    /// <summary>
    /// Closes a socket under its owner, who gets the error ECONNABORTED; false when it is gone, or another has its
    /// place.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel has no CONFIG_INET_DIAG_DESTROY, or the caller no CAP_NET_ADMIN.</exception>
    public bool Close(UdpSocket closed)
    {
        request.Clear();
        SocketMessage.Destroy(request, closed);
        try
        {
            Ask(Closing, _ => { });
            return true;
        }
        catch (NetlinkException e) when (e.Errno == Errno.ENOENT)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private void Ask(string operation, MessageReader read)
    {
        request.SetSequence(0, ++sequence);
        socket.Send(request.Written, operation);
        var (end, _) = socket.ReceiveAll(sequence, operation, read);
        if (end.Errno != 0)
        {
            throw new NetlinkException(operation, end.Errno, end.KernelMessage);
        }
    }
}
