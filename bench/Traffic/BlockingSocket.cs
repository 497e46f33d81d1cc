using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Weft.Net;

namespace Weft.Bench.Traffic;

/// <summary>A system call on a socket failed.</summary>
internal sealed class SocketFailure(string operation, int errno)
    : Exception($"{operation}: {Marshal.GetPInvokeErrorMessage(errno)}")
{
    private const int Eagain = 11;

    public bool IsTimeout => errno == Eagain;
}

/// <summary>
/// A blocking socket by its system calls. The class library's does the same with more around it, which would be a
/// good part of a round trip between two namespaces.
/// </summary>
internal readonly unsafe partial struct BlockingSocket(int descriptor) : IDisposable
{
    private const int Inet = 2;
    private const int Inet6 = 10;
    private const int Stream = 1;
    private const int Datagram = 2;
    private const int CloseOnExec = 0x80000;
    private const int SocketLevel = 1;
    private const int ReuseAddress = 2;
    private const int ReceiveTimeout = 20;
    private const int TcpLevel = 6;
    private const int NoDelay = 1;
    private const int NoSignal = 0x4000;
    private const int Backlog = 128;
    private const int AddressBytes = 28; // sockaddr_in6, the longer one

    // Far above any round trip: who waits that long has lost a packet that nothing repeats.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static BlockingSocket Listen(Ip at, ushort port)
    {
        var socket = New(at, Stream);
        socket.Bind(at, port);
        Check(listen(socket.Descriptor, Backlog), "listen");
        return socket;
    }

    public static BlockingSocket ConnectTcp(Ip to, ushort port)
    {
        var socket = New(to, Stream);
        socket.SetNoDelay();
        socket.Connect(to, port);
        return socket;
    }

    /// <summary>Both ends are bound and connected: the kernel looks up no route for each datagram.</summary>
    public static BlockingSocket Udp(Ip own, Ip peer, ushort port)
    {
        var socket = New(own, Datagram);
        socket.Bind(own, port);
        socket.Connect(peer, port);
        return socket;
    }

    private int Descriptor { get; } = descriptor;

    public BlockingSocket Accept()
    {
        var accepted = new BlockingSocket(Check(accept4(Descriptor, null, null, CloseOnExec), "accept"));
        accepted.SetNoDelay();
        accepted.SetPatience();
        return accepted;
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var sent = 0; sent < bytes.Length; )
            {
                sent += (int)Check(send(Descriptor, start + sent, (nuint)(bytes.Length - sent), NoSignal), "send");
            }
        }
    }

    /// <returns>0 when the other end has closed.</returns>
    public int Receive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)Check(recv(Descriptor, start, (nuint)buffer.Length, 0), "receive");
        }
    }

    public void Dispose() => _ = close(Descriptor);

    private static BlockingSocket New(Ip address, int type)
    {
        var socket = new BlockingSocket(
            Check(MakeSocket(address.IsV4 ? Inet : Inet6, type | CloseOnExec, 0), "make a socket")
        );
        socket.SetPatience();
        return socket;
    }

    private void SetNoDelay() => Set(TcpLevel, NoDelay, 1);

    private void SetPatience()
    {
        var time = stackalloc long[] { (long)Patience.TotalSeconds, 0 };
        Check(setsockopt(Descriptor, SocketLevel, ReceiveTimeout, time, 2 * sizeof(long)), "set a time-out");
    }

    private void Bind(Ip at, ushort port)
    {
        Set(SocketLevel, ReuseAddress, 1);
        var address = stackalloc byte[AddressBytes];
        Check(bind(Descriptor, address, Write(address, at, port)), $"bind {at}");
    }

    private void Connect(Ip to, ushort port)
    {
        var address = stackalloc byte[AddressBytes];
        Check(connect(Descriptor, address, Write(address, to, port)), $"connect to {to}");
    }

    private void Set(int level, int option, int value) =>
        Check(setsockopt(Descriptor, level, option, &value, sizeof(int)), "set a socket's option");

    /// <summary>struct sockaddr_in or sockaddr_in6.</summary>
    private static int Write(byte* into, Ip address, ushort port)
    {
        var bytes = new Span<byte>(into, AddressBytes);
        bytes.Clear();
        *(ushort*)into = (ushort)(address.IsV4 ? Inet : Inet6);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], port);
        if (!address.IsV4)
        {
            address.Write(bytes[8..]);
            return AddressBytes;
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], (uint)address.Value);
        return 16;
    }

    private static int Check(int result, string operation) => (int)Check((nint)result, operation);

    private static nint Check(nint result, string operation) =>
        result >= 0 ? result : throw new SocketFailure(operation, Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int MakeSocket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int socket, void* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(int socket, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int socket, void* address, int* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int socket, void* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int socket, int level, int option, void* value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int socket, void* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int socket, void* buffer, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
