using System.Runtime.InteropServices;

namespace Weft.Lab.Linux;

/// <summary>What this process does to itself.</summary>
internal static partial class ThisProcess
{
    private const int SigPipe = 13;

    /// <summary>Becomes another program, in the calling thread's namespaces; terminal, signals and exit code are its own.</summary>
    /// <exception cref="SystemCallException">It cannot be started.</exception>
    public static void Execute(IReadOnlyList<string> command)
    {
        // The runtime ignores SIGPIPE, and an ignored signal stays ignored across exec.
        _ = signal(SigPipe, 0);
        _ = execvp(command[0], [.. command, null]);
        SystemCallException.ThrowIf(true, $"run {command[0]}");
    }

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execvp(string file, string?[] arguments);
}
