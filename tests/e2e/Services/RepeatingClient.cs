using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>
/// A TCP socket that connects again and again: programs for sockets see each time what they see of a new one. Opening
/// one in a node's control group moves the whole process there, which nobody can do for each connection.
/// </summary>
internal sealed unsafe partial class RepeatingClient : IDisposable
{
    // Longer than anything on this machine takes, however busy it is.
    private const int PatienceMs = 20_000;

    // sockaddr of AF_UNSPEC: connecting to it ends the connection and leaves the socket as good as new.
    private const int UnspecifiedBytes = 16;

    private readonly Socket socket;

    /// <summary>One for each, IPv4 first, in the namespace and the control group of the calling thread.</summary>
    public static IReadOnlyList<RepeatingClient> OfBothFamilies() =>
        [new(AddressFamily.InterNetwork), new(AddressFamily.InterNetworkV6)];

    private RepeatingClient(AddressFamily family) =>
        socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp)
        {
            SendTimeout = PatienceMs,
            ReceiveTimeout = PatienceMs,
        };

    /// <summary>Connects, and returns the number that the server says.</summary>
    /// <exception cref="Win32Exception">The connection did not come about.</exception>
    /// <exception cref="SocketException">It broke.</exception>
    public int Ask(IPEndPoint to)
    {
        var address = to.Serialize();
        fixed (byte* start = address.Buffer.Span)
        {
            if (connect(socket.SafeHandle, start, address.Size) < 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            }
        }

        try
        {
            Span<byte> answer = stackalloc byte[sizeof(int)];
            for (var got = 0; got < answer.Length; )
            {
                var more = socket.Receive(answer[got..]);
                got += more > 0 ? more : throw new SocketException((int)SocketError.ConnectionReset);
            }

            return BinaryPrimitives.ReadInt32BigEndian(answer);
        }
        finally
        {
            Disconnect();
        }
    }

    public void Dispose() => socket.Dispose();

    private void Disconnect()
    {
        var nowhere = stackalloc byte[UnspecifiedBytes];
        new Span<byte>(nowhere, UnspecifiedBytes).Clear();
        _ = connect(socket.SafeHandle, nowhere, UnspecifiedBytes);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(SafeSocketHandle socket, byte* address, int length);
}
