using System.Runtime.InteropServices;

namespace Weft.Lab.Linux;

/// <summary>What this process does to itself.</summary>
internal static unsafe partial class ThisProcess
{
    private const int SigPipe = 13;

    // cpu_set_t: 1024 cores.
    private const int CoreSetBytes = 128;

    /// <summary>Becomes another program, in the calling thread's namespaces; terminal, signals and exit code are its own.</summary>
    /// <exception cref="SystemCallException">It cannot be started.</exception>
    public static void Execute(IReadOnlyList<string> command)
    {
        // The runtime ignores SIGPIPE, and an ignored signal stays ignored across exec.
        _ = signal(SigPipe, 0);
        _ = execvp(command[0], [.. command, null]);
        SystemCallException.ThrowIf(true, $"run {command[0]}");
    }

    /// <summary>Keeps the calling thread, and those it starts from now on, on the core it is on.</summary>
    public static void StayOnOneCore()
    {
        var cores = stackalloc byte[CoreSetBytes];
        new Span<byte>(cores, CoreSetBytes).Clear();
        var core = sched_getcpu();
        cores[core / 8] = (byte)(1 << (core % 8));
        SystemCallException.ThrowIf(sched_setaffinity(0, CoreSetBytes, cores) < 0, $"stay on core {core}");
    }

    [LibraryImport("libc")]
    private static partial int sched_getcpu();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int thread, nuint bytes, byte* cores);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execvp(string file, string?[] arguments);
}
