using System.Runtime.InteropServices;
using Weft.Contracts;

namespace Weft.Cni;

/// <summary>read(2) and write(2). The Console class would first set up encodings and a terminal, in every process.</summary>
internal static partial class StandardStreams
{
    private const int Input = 0;
    private const int Output = 1;
    private const int Error = 2;
    private const int Eintr = 4;

    /// <summary>False when nobody reads it.</summary>
    public static bool WriteOutput(ReadOnlySpan<byte> bytes) => Write(Output, bytes);

    /// <inheritdoc cref="WriteOutput"/>
    public static bool WriteError(ReadOnlySpan<byte> bytes) => Write(Error, bytes);

    /// <summary>All of standard input. It ends in a request to the agent at most this long.</summary>
    public static ReadOnlyMemory<byte> ReadInput()
    {
        var buffer = new byte[16 * 1024];
        var length = 0;
        while (true)
        {
            var got = read(Input, buffer.AsSpan(length), (nuint)(buffer.Length - length));
            if (got == 0)
            {
                return buffer.AsMemory(0, length);
            }

            if (got < 0)
            {
                if (Marshal.GetLastPInvokeError() == Eintr)
                {
                    continue;
                }

                throw new CniException(
                    CniErrorCode.IoFailure,
                    $"standard input cannot be read: {Marshal.GetLastPInvokeErrorMessage()}"
                );
            }

            length += (int)got;
            if (length > AgentChannel.MaxMessage)
            {
                throw new CniException(
                    CniErrorCode.DecodingFailure,
                    $"the network configuration on standard input is longer than {AgentChannel.MaxMessage} bytes"
                );
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }
        }
    }

    private static bool Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var written = write(descriptor, bytes, (nuint)bytes.Length);
            if (written > 0)
            {
                bytes = bytes[(int)written..];
            }
            else if (Marshal.GetLastPInvokeError() != Eintr)
            {
                return false;
            }
        }

        return true;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, Span<byte> buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, ReadOnlySpan<byte> buffer, nuint length);
}
