using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weft.Netlink.Protocol;

/// <summary>Takes one answer.</summary>
internal delegate void MessageReader(Message message);

/// <summary>
/// One AF_NETLINK socket that talks to the kernel only. rtnetlink handles a request inside send(2), and produces the
/// next part of a dump inside recv(2): an answer is either there or will never come, so nothing here waits.
/// </summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int NETLINK_ROUTE = 0;
    private const int NETLINK_SOCK_DIAG = 4;
    private const int SOL_NETLINK = 270;
    private const int NETLINK_CAP_ACK = 10;
    private const int NETLINK_EXT_ACK = 11;
    private const int NETLINK_GET_STRICT_CHK = 12;
    private const int SOL_SOCKET = 1;
    private const int SO_RCVBUF = 8;
    private const int SO_RCVBUFFORCE = 33;
    private const uint RTMGRP_LINK = 0x1;
    private const uint RTMGRP_IPV4_IFADDR = 0x10;
    private const uint RTMGRP_IPV4_ROUTE = 0x40;
    private const uint RTMGRP_IPV6_IFADDR = 0x100;
    private const uint RTMGRP_IPV6_ROUTE = 0x400;
    private const int MSG_TRUNC = 0x20;
    private const int MSG_DONTWAIT = 0x40;

    // The kernel builds the parts of a dump no larger than this (netlink_recvmsg), whatever we offer.
    private const int ReceiveSize = 32768;

    private const int MonitorQueueSize = 4 * 1024 * 1024;

    private readonly SafeFileHandle handle;
    private readonly byte[] received = GC.AllocateUninitializedArray<byte>(ReceiveSize);

    private NetlinkSocket(SafeFileHandle handle) => this.handle = handle;

    /// <summary>For rtnetlink, in the network namespace of the calling thread.</summary>
    public static NetlinkSocket OpenRoute() => Open(NETLINK_ROUTE);

    /// <summary>For sock_diag(7), in the network namespace of the calling thread.</summary>
    public static NetlinkSocket OpenSocketDiagnostics() => Open(NETLINK_SOCK_DIAG);

    /// <summary>A socket that hears of changes to links, addresses and routes, for a reader that waits.</summary>
    public static SafeSocketHandle OpenRouteGroups()
    {
        var handle = new SafeSocketHandle(Create(NETLINK_ROUTE), ownsHandle: true);

        // A node that starts up makes thousands of routes at once. Not every container may go beyond the limit.
        if (!SetOption(handle, SOL_SOCKET, SO_RCVBUFFORCE, MonitorQueueSize))
        {
            SetOption(handle, SOL_SOCKET, SO_RCVBUF, MonitorQueueSize);
        }

        var address = new Libc.SocketAddress
        {
            Family = AF_NETLINK,
            Groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE,
        };
        if (Libc.bind(handle, &address, sizeof(Libc.SocketAddress)) == 0)
        {
            return handle;
        }

        var failure = Failure("join the netlink groups");
        handle.Dispose();
        throw failure;
    }

    public void Send(ReadOnlySpan<byte> messages, string operation)
    {
        fixed (byte* start = messages)
        {
            while (Libc.send(handle, start, messages.Length, 0) < 0)
            {
                if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                {
                    throw Failure(operation);
                }
            }
        }
    }

    /// <summary>The next datagram, valid until the next call.</summary>
    public ReadOnlySpan<byte> Receive(string operation)
    {
        fixed (byte* start = received)
        {
            while (true)
            {
                var length = Libc.recv(handle, start, received.Length, MSG_TRUNC | MSG_DONTWAIT);
                if (length > received.Length)
                {
                    throw new NetlinkException(operation, Errno.EMSGSIZE);
                }

                if (length >= 0)
                {
                    return received.AsSpan(0, (int)length);
                }

                if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                {
                    throw Failure(operation);
                }
            }
        }
    }

    /// <summary>Reads the answers to a request with this number, up to the one that ends them.</summary>
    /// <returns>How it ended, and whether what a dump lists changed meanwhile.</returns>
    public (Acknowledgement End, bool Changed) ReceiveAll(uint sequence, string operation, MessageReader read)
    {
        var changed = false;
        while (true)
        {
            var datagram = Receive(operation);
            while (Message.TryTake(ref datagram, out var message))
            {
                // Answers to a request that was given up have older numbers.
                if (message.Sequence != sequence)
                {
                    continue;
                }

                changed |= (message.Flags & MessageFlags.NLM_F_DUMP_INTR) != 0;
                if (message.Type is MessageType.NLMSG_DONE or MessageType.NLMSG_ERROR)
                {
                    // Both start with an error number.
                    return (Acknowledgement.Read(message), changed);
                }

                read(message);
            }
        }
    }

    public void Dispose() => handle.Dispose();

    private static NetlinkSocket Open(int protocol)
    {
        var handle = new SafeFileHandle(Create(protocol), ownsHandle: true);
        try
        {
            // Short errors with the kernel's reason, and filters in dumps. Kernels without an option lack only that.
            SetOption(handle, SOL_NETLINK, NETLINK_CAP_ACK, 1);
            SetOption(handle, SOL_NETLINK, NETLINK_EXT_ACK, 1);
            SetOption(handle, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);

            // Connected to port 0, the kernel: it then refuses datagrams from other processes.
            var address = new Libc.SocketAddress { Family = AF_NETLINK };
            return Libc.connect(handle, &address, sizeof(Libc.SocketAddress)) == 0
                ? new NetlinkSocket(handle)
                : throw Failure("connect the netlink socket");
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static int Create(int protocol)
    {
        var descriptor = Libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
        return descriptor >= 0 ? descriptor : throw Failure("open a netlink socket");
    }

    // True if the kernel took it.
    private static bool SetOption(SafeHandle socket, int level, int name, int value) =>
        Libc.setsockopt(socket, level, name, &value, sizeof(int)) == 0;

    private static NetlinkException Failure(string operation) => new(operation, Marshal.GetLastPInvokeError());
}
