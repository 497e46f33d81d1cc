using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Weft.Bench.Plugins;

/// <summary>How a plugin's process went.</summary>
/// <param name="Elapsed">From before it was started until it had ended.</param>
/// <param name="Cpu">Of the process and of those it has waited for.</param>
internal sealed record PluginExit(int Status, string Output, TimeSpan Elapsed, TimeSpan Cpu);

/// <summary>
/// Starts a process in the calling thread's namespaces, as a runtime would: environment, standard input, and nothing
/// else. By posix_spawn, because the class library's Process learns of an end by a signal and a thread of its own.
/// </summary>
internal static unsafe partial class PluginProcess
{
    private const int FileActionsBytes = 128; // glibc's type on 64-bit, rounded up
    private const int CloseOnExec = 0x80000;
    private const int PipeBytes = 64 << 10;
    private const int Eintr = 4;

    public static PluginExit Run(string program, string input, string?[] environment)
    {
        // Both texts fit into a pipe: nobody has to read or write while the process runs.
        var stdin = Pipe();
        var stdout = Pipe();
        var bytes = Encoding.UTF8.GetBytes(input);
        if (bytes.Length > PipeBytes)
        {
            throw new BenchException($"a configuration of {bytes.Length} bytes is longer than a pipe holds");
        }

        _ = write(stdin.Write, bytes, (nuint)bytes.Length);
        _ = close(stdin.Write);
        var actions = stackalloc byte[FileActionsBytes];
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawn_file_actions_adddup2(actions, stdin.Read, 0);
        _ = posix_spawn_file_actions_adddup2(actions, stdout.Write, 1);
        string?[] arguments = [program, null];

        var start = Stopwatch.GetTimestamp();
        var failure = posix_spawn(out var pid, program, actions, null, arguments, environment);
        var status = -1;
        var usage = default(ResourceUsage);
        while (failure == 0 && wait4(pid, out status, 0, &usage) < 0 && Marshal.GetLastPInvokeError() == Eintr) { }
        var elapsed = Stopwatch.GetElapsedTime(start);

        _ = posix_spawn_file_actions_destroy(actions);
        _ = close(stdin.Read);
        _ = close(stdout.Write);
        var buffer = new byte[PipeBytes];
        var length = (int)read(stdout.Read, buffer, PipeBytes);
        _ = close(stdout.Read);
        return failure == 0
            ? new PluginExit(status, Encoding.UTF8.GetString(buffer, 0, Math.Max(length, 0)), elapsed, usage.Cpu)
            : throw new BenchException($"{program} cannot be started: {Marshal.GetPInvokeErrorMessage(failure)}");
    }

    private static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        return pipe2(ends, CloseOnExec) == 0
            ? (ends[0], ends[1])
            : throw new BenchException($"a pipe cannot be made: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>struct rusage.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 144)]
    private struct ResourceUsage
    {
        public long UserSeconds;
        public long UserMicros;
        public long SystemSeconds;
        public long SystemMicros;

        public readonly TimeSpan Cpu =>
            TimeSpan.FromSeconds(UserSeconds + SystemSeconds) + TimeSpan.FromMicroseconds(UserMicros + SystemMicros);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    private static partial nint read(int descriptor, [Out] byte[] buffer, nuint length);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, byte[] buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int wait4(int pid, out int status, int options, ResourceUsage* usage);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(
        out int pid,
        string file,
        byte* actions,
        byte* attributes,
        string?[] arguments,
        string?[] environment
    );

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);
}
