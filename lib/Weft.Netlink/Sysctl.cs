using System.Text;

namespace Weft.Netlink;

/// <summary>Kernel settings under /proc/sys; those below <c>net/</c> are the calling thread's namespace's.</summary>
public static class Sysctl
{
    private const string Root = "/proc/sys/";

    // Settings of the network are numbers and words.
    private const int MaxValueSize = 1024;

    /// <summary>A setting such as <c>net/ipv4/ip_forward</c>, without its line end; null if the kernel lacks it.</summary>
    public static string? Read(string name)
    {
        Span<byte> value = stackalloc byte[MaxValueSize];
        try
        {
            using var file = Open(name, FileAccess.Read);
            var length = RandomAccess.Read(file, value, fileOffset: 0);
            return Encoding.UTF8.GetString(value[..length].TrimEnd((byte)'\n'));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// Sets it, unless it has the value already: where /proc/sys is read-only, as in an unprivileged container, it is
    /// enough that the host has it set.
    /// </summary>
    /// <exception cref="IOException">The kernel lacks it or refuses the value, or /proc/sys is read-only.</exception>
    public static void Write(string name, string value)
    {
        var current =
            Read(name) ?? throw new IOException($"{Root}{name} does not exist: the kernel lacks this setting");
        if (current == value)
        {
            return;
        }

        try
        {
            using var file = Open(name, FileAccess.Write);
            RandomAccess.Write(file, Encoding.UTF8.GetBytes(value), fileOffset: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{Root}{name} is {current} and cannot be set to {value} ({e.Message}): "
                    + "if /proc/sys is read-only here, mount it writable or set the value on the host",
                e
            );
        }
    }

    // Shared, else the class library locks the file, which not every kernel file system allows.
    private static Microsoft.Win32.SafeHandles.SafeFileHandle Open(string name, FileAccess access) =>
        File.OpenHandle(Root + name, FileMode.Open, access, FileShare.ReadWrite);
}
