using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weft.Bpf.Native;

/// <summary>What libbpf has to say about a failure, kept for the exception instead of going to standard error.</summary>
internal static unsafe partial class LibbpfLog
{
    private const int WarningLevel = 0;
    private const int LineBytes = 1024;

    [ThreadStatic]
    private static List<string>? lines;

    [ModuleInitializer]
    internal static void Install() => Libbpf.libbpf_set_print(&Print);

    /// <summary>The warnings of this thread since the last call.</summary>
    internal static string? Take()
    {
        var taken = lines is { Count: > 0 } ? string.Join('\n', lines) : null;
        lines?.Clear();
        return taken;
    }

    // A va_list is passed on as the pointer it is in the calling conventions of x86-64 and arm64.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Print(int level, byte* format, void* arguments)
    {
        if (level == WarningLevel)
        {
            var line = stackalloc byte[LineBytes];
            _ = vsnprintf(line, LineBytes, format, arguments);
            (lines ??= []).Add(Marshal.PtrToStringUTF8((nint)line)!.TrimEnd());
        }

        return 0;
    }

    [LibraryImport("libc")]
    private static partial int vsnprintf(byte* buffer, nuint size, byte* format, void* arguments);
}
