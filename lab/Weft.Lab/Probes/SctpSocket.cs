using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Weft.Lab.Probes;

/// <summary>A raw socket for SCTP: Socket itself knows no such protocol.</summary>
internal static partial class SctpSocket
{
    private const int InterNetwork = 2;
    private const int InterNetworkV6 = 10;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int Sctp = 132;

    public static Socket Create(AddressFamily family)
    {
        var descriptor = socket(
            family == AddressFamily.InterNetwork ? InterNetwork : InterNetworkV6,
            RawCloseOnExec,
            Sctp
        );
        return descriptor >= 0
            ? new Socket(new SafeSocketHandle(descriptor, ownsHandle: true))
            : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>What a raw socket of IPv4 received is behind an IP header, whose length is in 32-bit words.</summary>
    public static ReadOnlySpan<byte> Payload(AddressFamily family, ReadOnlySpan<byte> received) =>
        family == AddressFamily.InterNetwork && received.Length > 0 ? received[((received[0] & 0xf) * 4)..] : received;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);
}
