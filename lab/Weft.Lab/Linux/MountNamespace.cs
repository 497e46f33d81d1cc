using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Weft.Netlink;

namespace Weft.Lab.Linux;

/// <summary>Mount namespaces, made and entered by single threads of this process.</summary>
internal static partial class MountNamespace
{
    private const int CloneFs = 0x200;
    private const int CloneNewMount = 0x20000;

    /// <summary>
    /// Makes a mount namespace that follows this one, runs <paramref name="arrange"/> inside it and inside
    /// <paramref name="network"/>, and pins it to <paramref name="path"/>, below a private mount.
    /// </summary>
    public static void Create(string path, NetworkNamespace network, Action arrange)
    {
        using var made = network.Run(() =>
        {
            SystemCallException.ThrowIf(unshare(CloneNewMount) < 0, "make a mount namespace");
            Mounts.FollowParent();
            arrange();
            return File.OpenHandle("/proc/thread-self/ns/mnt");
        });
        File.Create(path).Dispose();
        Mounts.Bind($"/proc/self/fd/{made.DangerousGetHandle()}", path);
    }

    /// <summary>Moves the calling thread for good: for threads that end, or execute a program, afterwards.</summary>
    public static void Enter(SafeFileHandle mountNamespace)
    {
        // The kernel refuses a thread that shares its root and working directory with others.
        SystemCallException.ThrowIf(unshare(CloneFs) < 0, "separate this thread's working directory");
        var workingDirectory = Environment.CurrentDirectory;
        SystemCallException.ThrowIf(setns(mountNamespace, CloneNewMount) < 0, "enter a mount namespace");

        // Entering left the thread at the root. The directory may not exist on the other side; then the root it is.
        _ = chdir(workingDirectory);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeFileHandle descriptor, int type);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chdir(string path);
}
