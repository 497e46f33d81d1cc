using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weft.Netlink.Protocol;

/// <summary>Namespaces as the file system shows them: namespaces(7), ioctl_ns(2), setns(2).</summary>
internal static unsafe class NamespaceFile
{
    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;
    private const nint NSFS_MAGIC = 0x6e736673;
    private const nuint NS_GET_NSTYPE = 0xb703;
    private const int CLONE_NEWNET = 0x40000000;
    private const nuint MS_BIND = 0x1000;
    private const int MNT_DETACH = 2;
    private const int UMOUNT_NOFOLLOW = 8;
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_INO = 0x100;

    // struct statx is the same on every architecture, unlike struct stat; struct statfs starts with a long f_type.
    private const int StatxSize = 256;
    private const int StatxInode = 32;
    private const int StatxDevice = 136;
    private const int StatfsSize = 256;

    public static SafeFileHandle Open(string path)
    {
        // Not blocking: the path comes from outside, and opening a FIFO would wait for its writer.
        var descriptor = Libc.open(path, O_NONBLOCK | O_CLOEXEC);
        if (descriptor >= 0)
        {
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }

        var errno = Marshal.GetLastPInvokeError();
        throw errno switch
        {
            Errno.ENOENT or Errno.ENOTDIR => new NamespaceException(
                NamespaceErrorKind.NotFound,
                $"{path} does not exist: the sandbox is gone, or its namespace folder is not mounted here"
            ),
            Errno.EACCES or Errno.EPERM => new NamespaceException(
                NamespaceErrorKind.AccessDenied,
                $"{path} may not be opened: run as root (CAP_SYS_PTRACE for the namespaces of other processes)"
            ),
            // A socket file, among others.
            Errno.ENXIO => NotANamespace(path),
            _ => Refused($"open {path}", errno),
        };
    }

    /// <summary>Device and inode, having made sure that it is a network namespace.</summary>
    public static (ulong Device, ulong Inode) Identify(SafeFileHandle handle, string name)
    {
        var fileSystem = stackalloc byte[StatfsSize];
        if (Libc.fstatfs(handle, fileSystem) != 0)
        {
            throw Refused($"fstatfs of {name}", Marshal.GetLastPInvokeError());
        }

        if (*(nint*)fileSystem != NSFS_MAGIC)
        {
            throw NotANamespace(name);
        }

        if (Libc.ioctl(handle, NS_GET_NSTYPE) != CLONE_NEWNET)
        {
            throw new NamespaceException(
                NamespaceErrorKind.NotANamespace,
                $"{name} is a namespace but not a network namespace: give one such as /proc/<pid>/ns/net"
            );
        }

        var status = stackalloc byte[StatxSize];
        byte emptyPath = 0;
        if (Libc.statx(handle, &emptyPath, AT_EMPTY_PATH, STATX_INO, status) != 0)
        {
            throw Refused($"statx of {name}", Marshal.GetLastPInvokeError());
        }

        return (*(ulong*)(status + StatxDevice), *(ulong*)(status + StatxInode));
    }

    public static void Enter(SafeFileHandle handle)
    {
        if (Libc.setns(handle, CLONE_NEWNET) != 0)
        {
            throw Privileged("enter a network namespace", Marshal.GetLastPInvokeError());
        }
    }

    public static void Unshare()
    {
        if (Libc.unshare(CLONE_NEWNET) != 0)
        {
            throw Privileged("make a network namespace", Marshal.GetLastPInvokeError());
        }
    }

    public static void Mount(SafeFileHandle handle, string path)
    {
        var source = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");
        var result = Libc.mount(source, path, null, MS_BIND, null);
        GC.KeepAlive(handle);
        if (result != 0)
        {
            throw Privileged($"mount a network namespace on {path}", Marshal.GetLastPInvokeError());
        }
    }

    public static void Unmount(string path)
    {
        if (Libc.umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
        {
            return;
        }

        // EINVAL: not a mount, what a crash between making the file and mounting leaves.
        var errno = Marshal.GetLastPInvokeError();
        if (errno is not (Errno.EINVAL or Errno.ENOENT or Errno.ENOTDIR))
        {
            throw Privileged($"unmount {path}", errno);
        }
    }

    private static NamespaceException NotANamespace(string name) =>
        new(
            NamespaceErrorKind.NotANamespace,
            $"{name} is not a namespace: if it is a plain file, the namespace that was mounted on it is gone"
        );

    private static NamespaceException Privileged(string operation, int errno) =>
        errno is Errno.EPERM or Errno.EACCES
            ? new NamespaceException(
                NamespaceErrorKind.AccessDenied,
                $"{operation}: not permitted; run as root with CAP_SYS_ADMIN"
            )
            : Refused(operation, errno);

    private static NamespaceException Refused(string operation, int errno) =>
        new(NamespaceErrorKind.Refused, $"{operation}: {Errno.Name(errno)} ({Marshal.GetPInvokeErrorMessage(errno)})");
}
