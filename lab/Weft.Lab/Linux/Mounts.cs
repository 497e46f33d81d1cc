using System.Runtime.InteropServices;

namespace Weft.Lab.Linux;

/// <summary>mount(2) and umount2(2), by purpose.</summary>
internal static partial class Mounts
{
    private const nuint MsBind = 0x1000;
    private const nuint MsMove = 0x2000;
    private const nuint MsRecursive = 0x4000;
    private const nuint MsPrivate = 1 << 18;
    private const nuint MsSlave = 1 << 19;
    private const nuint MsShared = 1 << 20;
    private const int MntDetach = 2;
    private const int UmountNoFollow = 8;

    public static void Bind(string source, string target) => Mount(source, target, null, MsBind);

    /// <summary>With everything mounted below <paramref name="source"/>.</summary>
    public static void BindTree(string source, string target) => Mount(source, target, null, MsBind | MsRecursive);

    public static void Move(string source, string target) => Mount(source, target, null, MsMove);

    /// <summary>A new file system of a kind that needs no device: sysfs, tmpfs, bpf.</summary>
    public static void New(string type, string target) => Mount(type, target, type, 0);

    /// <summary>Makes a directory a mount whose own mounts show in every namespace copied from this one.</summary>
    public static void ShareBelow(string directory)
    {
        Bind(directory, directory);
        Mount(null, directory, null, MsShared);
    }

    /// <summary>Makes a directory a mount whose own mounts show nowhere else.</summary>
    public static void KeepBelowPrivate(string directory)
    {
        Bind(directory, directory);
        Mount(null, directory, null, MsPrivate);
    }

    /// <summary>Later mounts of the parent namespace show in this one; none of this one's show there.</summary>
    public static void FollowParent() => Mount(null, "/", null, MsSlave | MsRecursive);

    /// <summary>Unmounts now from sight, and for good once nobody uses it.</summary>
    public static void Detach(string target) =>
        SystemCallException.ThrowIf(umount2(target, MntDetach | UmountNoFollow) < 0, $"unmount {target}");

    private static void Mount(string? source, string target, string? type, nuint flags) =>
        SystemCallException.ThrowIf(mount(source, target, type, flags, 0) < 0, $"mount {source} on {target}");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string? source, string target, string? type, nuint flags, nint data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
