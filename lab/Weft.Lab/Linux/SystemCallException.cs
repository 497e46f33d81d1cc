using System.Runtime.InteropServices;

namespace Weft.Lab.Linux;

/// <summary>A system call failed: what was tried, and what the kernel said.</summary>
public sealed class SystemCallException(string operation, int errno)
    : Exception($"{operation}: {Marshal.GetPInvokeErrorMessage(errno)}")
{
    public int Errno => errno;

    internal static void ThrowIf(bool failed, string operation)
    {
        if (failed)
        {
            throw new SystemCallException(operation, Marshal.GetLastPInvokeError());
        }
    }
}
