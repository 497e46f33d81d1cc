using System.Runtime.InteropServices;
using Weft.Configuration;

namespace Weft.Agent.Node;

/// <summary>The bpffs that holds the pins.</summary>
internal static partial class BpfFileSystem
{
    private const string Usual = "/sys/fs/bpf";
    private const long Magic = 0xcafe4a11; // BPF_FS_MAGIC

    /// <summary>Makes sure that the directory is on a bpffs; mounts one on the usual place when it is not there yet.</summary>
    /// <exception cref="ConfigException">It is not, and cannot be made so.</exception>
    public static void EnsureMounted(string directory)
    {
        var existing = directory;
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing)!;
        }

        if (IsBpf(existing))
        {
            return;
        }

        if (existing != Usual || mount("bpf", Usual, "bpf", 0, 0) != 0)
        {
            throw new ConfigException(
                $"\"bpfDirectory\": {directory} is not on a bpffs; mount one with: mount -t bpf bpf {Usual}"
            );
        }
    }

    private static unsafe bool IsBpf(string path)
    {
        // struct statfs has its type in the first word, on every architecture that .NET runs on.
        var buffer = stackalloc long[32];
        return statfs(path, buffer) == 0 && (uint)buffer[0] == (uint)Magic;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statfs(string path, long* buffer);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, nint data);
}
