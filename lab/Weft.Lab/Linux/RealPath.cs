using System.Runtime.InteropServices;

namespace Weft.Lab.Linux;

/// <summary>realpath(3): a path without symbolic links, as the kernel names it.</summary>
internal static unsafe partial class RealPath
{
    private const int PathMax = 4096;

    public static string Of(string path)
    {
        var resolved = stackalloc byte[PathMax];
        SystemCallException.ThrowIf(realpath(path, resolved) is null, $"resolve {path}");
        return Marshal.PtrToStringUTF8((nint)resolved)!;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* realpath(string path, byte* resolved);
}
