using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Weft.Contracts;

/// <summary>
/// A unix stream socket by its system calls: the class library's cannot pass descriptors, and starting it up takes as
/// long as all else the plugin does.
/// </summary>
internal static unsafe partial class UnixSocket
{
    private const int AfUnix = 1;
    private const int SockStream = 1;
    private const int SockCloexec = 0x80000;
    private const int SoRcvtimeo = 20;
    private const int SoSndtimeo = 21;
    private const int PathBytes = 108;
    private const int SolSocket = 1;
    private const int ScmRights = 1;
    private const int MsgCmsgCloexec = 0x40000000;
    private const int MsgNosignal = 0x4000;
    private const int MsgDontwait = 0x40;
    private const int Eintr = 4;
    private const int Eagain = 11;

    // CMSG_SPACE(sizeof(int)) on 64-bit: 16 bytes of header, 4 of descriptor, padded to 8.
    private const int ControlBytes = 24;
    private const int ControlLength = 20;

    [StructLayout(LayoutKind.Sequential)]
    private struct UnixAddress
    {
        public ushort Family;
        public fixed byte Path[PathBytes];
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeValue
    {
        public long Seconds;
        public long Microseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int Descriptor;
    }

    /// <exception cref="IOException">Nothing listens at the path; the message says why.</exception>
    public static SafeFileHandle Connect(string path, TimeSpan timeout)
    {
        var address = default(UnixAddress);
        var text = Encoding.UTF8.GetBytes(path);
        if (text.Length >= PathBytes)
        {
            throw new IOException($"{path} is too long for a socket: {PathBytes - 1} bytes are the most");
        }

        address.Family = AfUnix;
        text.CopyTo(new Span<byte>(address.Path, PathBytes));
        var descriptor = socket(AfUnix, SockStream | SockCloexec, 0);
        if (descriptor < 0)
        {
            throw Failure("socket");
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        // Before connecting: with the agent's backlog full, connect(2) waits too.
        SetTimeout(handle, timeout);
        if (connect(handle, &address, sizeof(UnixAddress)) == 0)
        {
            return handle;
        }

        var failure = Failure("connect");
        handle.Dispose();
        throw failure;
    }

    /// <summary>Bounds every wait for sending, receiving and connecting.</summary>
    public static void SetTimeout(SafeHandle socket, TimeSpan timeout)
    {
        var value = new TimeValue
        {
            Seconds = (long)timeout.TotalSeconds,
            Microseconds = timeout.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond,
        };
        _ = setsockopt(socket, SolSocket, SoRcvtimeo, &value, sizeof(TimeValue));
        _ = setsockopt(socket, SolSocket, SoSndtimeo, &value, sizeof(TimeValue));
    }

    /// <summary>Sends a byte if there is room and somebody to read it.</summary>
    public static void TrySendByte(SafeHandle socket)
    {
        byte any = 1;
        _ = send(socket, &any, sizeof(byte), MsgNosignal | MsgDontwait);
    }

    /// <summary>Waits for a byte as long as the socket's timeout is.</summary>
    public static Acknowledgement ReceiveByte(SafeHandle socket)
    {
        byte any;
        nint got;
        do
        {
            got = recv(socket, &any, sizeof(byte), 0);
        } while (got < 0 && Marshal.GetLastPInvokeError() == Eintr);

        // Else it is the end of the connection, or its reset: what a process leaves that was killed before it had read all.
        return got > 0 ? Acknowledgement.Given
            : got < 0 && Marshal.GetLastPInvokeError() == Eagain ? Acknowledgement.Outstanding
            : Acknowledgement.Denied;
    }

    /// <summary>Sends what fits, with a descriptor or without.</summary>
    public static int Send(SafeHandle socket, ReadOnlySpan<byte> bytes, SafeFileHandle? descriptor)
    {
        var control = stackalloc byte[ControlBytes];
        new Span<byte>(control, ControlBytes).Clear();
        if (descriptor is not null)
        {
            *(ControlHeader*)control = new ControlHeader
            {
                Length = ControlLength,
                Level = SolSocket,
                Type = ScmRights,
                Descriptor = (int)descriptor.DangerousGetHandle(),
            };
        }

        fixed (byte* start = bytes)
        {
            var vector = new IoVector { Base = start, Length = (nuint)bytes.Length };
            var message = new MessageHeader
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = descriptor is null ? null : control,
                ControlLength = descriptor is null ? 0u : ControlBytes,
            };
            nint sent;
            do
            {
                sent = sendmsg(socket, &message, MsgNosignal);
            } while (sent < 0 && Marshal.GetLastPInvokeError() == Eintr);

            GC.KeepAlive(descriptor);
            return sent >= 0 ? (int)sent : throw Failure("sendmsg");
        }
    }

    /// <summary>Receives what is there, 0 at the end, with the descriptor that came along.</summary>
    public static int Receive(SafeHandle socket, Span<byte> bytes, out SafeFileHandle? descriptor)
    {
        descriptor = null;
        var control = stackalloc byte[ControlBytes];
        fixed (byte* start = bytes)
        {
            var vector = new IoVector { Base = start, Length = (nuint)bytes.Length };
            MessageHeader message;
            nint got;
            do
            {
                message = new MessageHeader
                {
                    Vectors = &vector,
                    VectorCount = 1,
                    Control = control,
                    ControlLength = ControlBytes,
                };
                got = recvmsg(socket, &message, MsgCmsgCloexec);
            } while (got < 0 && Marshal.GetLastPInvokeError() == Eintr);

            if (got < 0)
            {
                throw Failure("recvmsg");
            }

            var header = (ControlHeader*)control;
            if (
                message.ControlLength >= ControlLength
                && header->Level == SolSocket
                && header->Type == ScmRights
                && header->Length == ControlLength
            )
            {
                descriptor = new SafeFileHandle(header->Descriptor, ownsHandle: true);
            }

            return (int)got;
        }
    }

    private static IOException Failure(string call) => new($"{call}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(SafeHandle socket, UnixAddress* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(SafeHandle socket, int level, int name, void* value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(SafeHandle socket, void* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(SafeHandle socket, void* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(SafeHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(SafeHandle socket, MessageHeader* message, int flags);
}
