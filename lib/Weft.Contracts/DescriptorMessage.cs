using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weft.Contracts;

/// <summary>sendmsg(2) and recvmsg(2) with one descriptor, which the class library lacks.</summary>
internal static unsafe partial class DescriptorMessage
{
    private const int SolSocket = 1;
    private const int ScmRights = 1;
    private const int MsgCmsgCloexec = 0x40000000;
    private const int MsgNosignal = 0x4000;
    private const int Eintr = 4;

    // CMSG_SPACE(sizeof(int)) on 64-bit: 16 bytes of header, 4 of descriptor, padded to 8.
    private const int ControlBytes = 24;
    private const int ControlLength = 20;

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

    public static int Send(SafeSocketHandle socket, ReadOnlySpan<byte> bytes, SafeFileHandle descriptor)
    {
        var control = stackalloc byte[ControlBytes];
        new Span<byte>(control, ControlBytes).Clear();
        *(ControlHeader*)control = new ControlHeader
        {
            Length = ControlLength,
            Level = SolSocket,
            Type = ScmRights,
            Descriptor = (int)descriptor.DangerousGetHandle(),
        };
        fixed (byte* start = bytes)
        {
            var vector = new IoVector { Base = start, Length = (nuint)bytes.Length };
            var message = new MessageHeader
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = ControlBytes,
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

    public static int Receive(SafeSocketHandle socket, Span<byte> bytes, out SafeFileHandle? descriptor)
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

    private static IOException Failure(string call) =>
        new($"the agent's socket: {call}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(SafeSocketHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(SafeSocketHandle socket, MessageHeader* message, int flags);
}
