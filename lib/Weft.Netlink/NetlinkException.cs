using System.Runtime.InteropServices;
using Weft.Netlink.Protocol;

namespace Weft.Netlink;

/// <summary>The kernel refused a request: which one, with which error, and why in the kernel's own words.</summary>
public sealed class NetlinkException : Exception
{
    internal NetlinkException(string operation, int errno, string? kernelMessage = null)
        : base(Describe(operation, errno, kernelMessage))
    {
        Operation = operation;
        Errno = errno;
        KernelMessage = kernelMessage;
    }

    /// <summary>The error number, positive.</summary>
    public int Errno { get; }

    /// <summary>What was asked for, such as <c>add link weft1 with peer eth0</c>.</summary>
    public string Operation { get; }

    /// <summary>The kernel's extended acknowledgement, where it gave one.</summary>
    public string? KernelMessage { get; }

    private static string Describe(string operation, int errno, string? kernelMessage)
    {
        var error = $"{operation}: {Protocol.Errno.Name(errno)} ({Marshal.GetPInvokeErrorMessage(errno)})";
        return kernelMessage is null ? error : $"{error}: {kernelMessage}";
    }
}
