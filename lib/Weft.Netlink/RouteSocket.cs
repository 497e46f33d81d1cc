using Weft.Netlink.Protocol;

namespace Weft.Netlink;

/// <summary>
/// The kernel's links, addresses, routes, neighbours and rules of one network namespace, by rtnetlink(7). Stays in the
/// namespace it was opened in whatever thread uses it; one at a time.
/// </summary>
public sealed class RouteSocket : IDisposable
{
    // Each acknowledgement takes a kernel buffer of about 1 KB from a receive queue of 208 KB: more and some are lost.
    private const int MaxMessagesPerSend = 128;
    private const int MaxBytesPerSend = 32768;

    // What is listed may change in between; the kernel says so and wants it read again.
    private const int MaxDumpAttempts = 20;

    private readonly NetlinkSocket socket;
    private readonly MessageWriter request = new(128);
    private uint sequence;

    private RouteSocket(NetlinkSocket socket) => this.socket = socket;

    private delegate T? Reader<T>(ReadOnlySpan<byte> payload);

    /// <summary>In the network namespace of the calling thread.</summary>
    public static RouteSocket Open() => new(NetlinkSocket.OpenRoute());

    /// <summary>In the given namespace.</summary>
    public static RouteSocket Open(NetworkNamespace target) => target.OpenInside(Open);

    /// <summary>
    /// Makes the changes of a batch in order: one system call for all (for each 128 of a long batch), one answer for
    /// each. The kernel does not stop at a failure: changes after the one that failed may have been made.
    /// </summary>
    /// <exception cref="NetlinkException">The first change that failed.</exception>
    public void Execute(RouteBatch batch)
    {
        batch.RequireNamespaces();
        var operations = batch.Operations;
        for (var first = 0; first < operations.Count; )
        {
            var end = EndOfSend(batch, first);
            var firstSequence = sequence + 1;
            for (var i = first; i < end; i++)
            {
                batch.Writer.SetSequence(operations[i].Start, ++sequence);
            }

            var start = operations[first].Start;
            socket.Send(batch.Writer.Written[start..StartOf(batch, end)], operations[first].Text);
            ReceiveAcknowledgements(operations, first, end, firstSequence);
            first = end;
        }

        GC.KeepAlive(batch);
    }

    /// <summary>The link with the name, or null.</summary>
    public Link? FindLink(string name)
    {
        request.Clear();
        LinkMessage.Get(request, name);
        return Get($"find link {name}", LinkMessage.Read);
    }

    /// <summary>The link with the index, or null.</summary>
    public Link? FindLink(IfIndex index)
    {
        request.Clear();
        LinkMessage.Get(request, index);
        return Get($"find link {index}", LinkMessage.Read);
    }

    /// <summary>All links.</summary>
    public IReadOnlyList<Link> Links()
    {
        request.Clear();
        LinkMessage.Dump(request);
        return Dump("list links", LinkMessage.Read);
    }

    /// <summary>Addresses of both families, of one link or of all; none if the link is not there.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses(IfIndex? link = null)
    {
        request.Clear();
        AddressMessage.Dump(request, link);
        return Dump("list addresses", AddressMessage.Read, address => link is null || address.Link == link);
    }

    /// <summary>Routes of both families, of one table or of all.</summary>
    public IReadOnlyList<Route> Routes(int? table = null)
    {
        request.Clear();
        RouteMessage.Dump(request, table);
        return Dump("list routes", RouteMessage.Read, route => table is null || route.Table == table);
    }

    /// <summary>Rules of both families, in the order they are tried within each.</summary>
    public IReadOnlyList<Rule> Rules()
    {
        request.Clear();
        RuleMessage.Dump(request);
        return Dump("list rules", RuleMessage.Read);
    }

    /// <summary>Neighbours of both families with a known Ethernet address, of one link or of all.</summary>
    public IReadOnlyList<Neighbour> Neighbours(IfIndex? link = null)
    {
        request.Clear();
        NeighbourMessage.Dump(request, link);
        return Dump("list neighbours", NeighbourMessage.Read, neighbour => link is null || neighbour.Link == link);
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private static int EndOfSend(RouteBatch batch, int first)
    {
        var limit = batch.Operations[first].Start + MaxBytesPerSend;
        var end = first + 1;
        while (end < batch.Operations.Count && end - first < MaxMessagesPerSend && StartOf(batch, end + 1) <= limit)
        {
            end++;
        }

        return end;
    }

    private static int StartOf(RouteBatch batch, int operation) =>
        operation < batch.Operations.Count ? batch.Operations[operation].Start : batch.Writer.Length;

    private void ReceiveAcknowledgements(
        IReadOnlyList<RouteBatch.Operation> operations,
        int first,
        int end,
        uint firstSequence
    )
    {
        NetlinkException? failure = null;
        for (var next = first; next < end; )
        {
            var datagram = socket.Receive(operations[next].Text);
            while (Message.TryTake(ref datagram, out var message))
            {
                // Answers to a request that was given up, after an error of the socket, have older numbers.
                if (message.Type != MessageType.NLMSG_ERROR || message.Sequence != firstSequence + (uint)(next - first))
                {
                    continue;
                }

                var (errno, kernelMessage) = Acknowledgement.Read(message);
                if (errno != 0)
                {
                    failure ??= new NetlinkException(operations[next].Text, errno, kernelMessage);
                }

                next++;
            }
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private T? Get<T>(string operation, Reader<T> read)
        where T : class
    {
        request.SetSequence(0, ++sequence);
        socket.Send(request.Written, operation);
        while (true)
        {
            var datagram = socket.Receive(operation);
            while (Message.TryTake(ref datagram, out var message))
            {
                if (message.Sequence != sequence)
                {
                    continue;
                }

                if (message.Type != MessageType.NLMSG_ERROR)
                {
                    return read(message.Payload);
                }

                var (errno, kernelMessage) = Acknowledgement.Read(message);
                return errno == Errno.ENODEV ? null : throw new NetlinkException(operation, errno, kernelMessage);
            }
        }
    }

    private List<T> Dump<T>(string operation, Reader<T> read, Predicate<T>? wanted = null)
        where T : class
    {
        var found = new List<T>();
        for (var attempt = 0; attempt < MaxDumpAttempts; attempt++)
        {
            found.Clear();
            if (TryDump(operation, read, wanted, found))
            {
                return found;
            }
        }

        throw new NetlinkException(operation, Errno.EAGAIN, "what is listed changed during every attempt");
    }

    private bool TryDump<T>(string operation, Reader<T> read, Predicate<T>? wanted, List<T> found)
        where T : class
    {
        request.SetSequence(0, ++sequence);
        socket.Send(request.Written, operation);
        var (end, changed) = socket.ReceiveAll(
            sequence,
            operation,
            message =>
            {
                if (read(message.Payload) is { } item && (wanted is null || wanted(item)))
                {
                    found.Add(item);
                }
            }
        );
        // A filter that names a link or table that is not there finds nothing.
        return end.Errno is 0 or Errno.ENODEV or Errno.ENOENT
            ? !changed
            : throw new NetlinkException(operation, end.Errno, end.KernelMessage);
    }
}
