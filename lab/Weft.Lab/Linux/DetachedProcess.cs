using System.Collections;
using System.Runtime.InteropServices;

namespace Weft.Lab.Linux;

/// <summary>
/// A process that outlives this one: in a session of its own, reading nothing, writing into a log file. It starts in
/// the namespaces of the calling thread, which System.Diagnostics.Process could do too, but not the rest.
/// </summary>
internal sealed unsafe partial class DetachedProcess
{
    // <spawn.h> and the sizes glibc gives its types on 64-bit, rounded up.
    private const int FileActionsBytes = 128;
    private const int AttributesBytes = 512;
    private const int SignalSetBytes = 128;
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;

    private const int ReadOnly = 0;
    private const int AppendCreating = 0x1 | 0x40 | 0x400;
    private const int UserReadWriteOthersRead = 0x1a4;
    private const int NoHang = 1;

    private DetachedProcess(int pid) => Pid = pid;

    public int Pid { get; }

    /// <param name="command">Program and arguments; the program is looked for in this process's PATH.</param>
    /// <param name="log">File that what it writes is appended to.</param>
    /// <param name="environment">KEY=VALUE of each variable; null for this process's own.</param>
    /// <param name="directory">Its working directory; null for this process's own.</param>
    /// <exception cref="SystemCallException">The program cannot be started.</exception>
    public static DetachedProcess Start(
        IReadOnlyList<string> command,
        string log,
        IEnumerable<string>? environment = null,
        string? directory = null
    )
    {
        var actions = stackalloc byte[FileActionsBytes];
        var attributes = stackalloc byte[AttributesBytes];
        var signals = stackalloc byte[SignalSetBytes];
        Check(posix_spawn_file_actions_init(actions), "start a process");
        Check(posix_spawnattr_init(attributes), "start a process");
        try
        {
            Check(posix_spawn_file_actions_addopen(actions, 0, "/dev/null", ReadOnly, 0), "open /dev/null");
            Check(
                posix_spawn_file_actions_addopen(actions, 1, log, AppendCreating, UserReadWriteOthersRead),
                $"open {log}"
            );
            Check(posix_spawn_file_actions_adddup2(actions, 1, 2), "start a process");
            if (directory is not null)
            {
                Check(posix_spawn_file_actions_addchdir_np(actions, directory), "start a process");
            }

            // What our own caller left open, such as a pipe somebody reads until its last writer ends.
            Check(posix_spawn_file_actions_addclosefrom_np(actions, 3), "start a process");

            // The runtime ignores SIGPIPE, and an ignored signal stays ignored across exec.
            _ = sigfillset(signals);
            Check(posix_spawnattr_setsigdefault(attributes, signals), "start a process");
            _ = sigemptyset(signals);
            Check(posix_spawnattr_setsigmask(attributes, signals), "start a process");
            Check(
                posix_spawnattr_setflags(attributes, SetSession | SetSignalDefaults | SetSignalMask),
                "start a process"
            );
            Check(
                posix_spawnp(
                    out var pid,
                    command[0],
                    actions,
                    attributes,
                    [.. command, null],
                    [.. environment ?? CurrentEnvironment(), null]
                ),
                $"start {command[0]}"
            );
            return new DetachedProcess(pid);
        }
        finally
        {
            _ = posix_spawnattr_destroy(attributes);
            _ = posix_spawn_file_actions_destroy(actions);
        }
    }

    /// <summary>True once the process has ended. Asked of the process's parent only, which we are.</summary>
    public bool HasEnded() => waitpid(Pid, out _, NoHang) != 0;

    private static IEnumerable<string> CurrentEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}");

    /// <summary>These functions return the error instead of setting errno.</summary>
    private static void Check(int errno, string operation)
    {
        if (errno != 0)
        {
            throw new SystemCallException(operation, errno);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawnp(
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

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(
        byte* actions,
        int descriptor,
        string path,
        int flags,
        int mode
    );

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, string directory);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int sigfillset(byte* signals);

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* signals);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int pid, out int status, int options);
}
