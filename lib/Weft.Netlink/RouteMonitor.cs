using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Weft.Netlink.Protocol;

namespace Weft.Netlink;

/// <summary>
/// Tells what changes among the links, addresses and routes of a namespace from the moment it is opened. Open it, then
/// list what is there, then read: nothing falls in between.
/// </summary>
public sealed class RouteMonitor : IDisposable
{
    private const int DatagramSize = 32768;

    private readonly Socket socket;

    private RouteMonitor(Socket socket) => this.socket = socket;

    /// <summary>In the network namespace of the calling thread.</summary>
    public static RouteMonitor Open() => new(new Socket(NetlinkSocket.OpenRouteGroups()));

    /// <summary>In the given namespace.</summary>
    public static RouteMonitor Open(NetworkNamespace target) => target.Run(Open);

    /// <summary>Events in the order they happened, without end; one reader at a time.</summary>
    public async IAsyncEnumerable<RouteEvent> Read([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var buffer = new byte[DatagramSize];
        var events = new List<RouteEvent>();
        while (true)
        {
            events.Clear();
            try
            {
                var length = await socket.ReceiveAsync(buffer, cancellation);
                Parse(buffer.AsSpan(0, length), events);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
            {
                events.Add(new Overrun());
            }

            foreach (var seen in events)
            {
                yield return seen;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private static void Parse(ReadOnlySpan<byte> datagram, List<RouteEvent> events)
    {
        while (Message.TryTake(ref datagram, out var message))
        {
            if (Parse(message) is { } seen)
            {
                events.Add(seen);
            }
        }
    }

    private static RouteEvent? Parse(Message message) =>
        message.Type switch
        {
            MessageType.RTM_NEWLINK => LinkMessage.Read(message.Payload) is { } link ? new LinkChanged(link) : null,
            MessageType.RTM_DELLINK => LinkMessage.Read(message.Payload) is { } link
                ? new LinkRemoved(link.Index, link.Name)
                : null,
            MessageType.RTM_NEWADDR => AddressMessage.Read(message.Payload) is { } address
                ? new AddressAdded(address)
                : null,
            MessageType.RTM_DELADDR => AddressMessage.Read(message.Payload) is { } address
                ? new AddressRemoved(address)
                : null,
            MessageType.RTM_NEWROUTE => RouteMessage.Read(message.Payload) is { } route ? new RouteAdded(route) : null,
            MessageType.RTM_DELROUTE => RouteMessage.Read(message.Payload) is { } route
                ? new RouteRemoved(route)
                : null,
            _ => null,
        };
}
