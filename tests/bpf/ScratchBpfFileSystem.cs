using System.Runtime.InteropServices;

namespace Weft.Tests.Bpf;

/// <summary>A bpffs of a test's own, in a directory of its own.</summary>
internal sealed partial class ScratchBpfFileSystem : IDisposable
{
    private const int Detach = 2;

    public ScratchBpfFileSystem()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("weft-test-bpffs-").FullName;
        Assert.Equal(0, mount("bpf", Directory, "bpf", 0, 0));
    }

    public string Directory { get; }

    public void Dispose()
    {
        Assert.Equal(0, umount2(Directory, Detach));
        System.IO.Directory.Delete(Directory);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, nint data);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
