using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weft.Lab.Linux;

/// <summary>A process held by a descriptor (pidfd_open(2)), so that its number cannot come to mean another one.</summary>
internal sealed partial class RunningProcess : IDisposable
{
    private const int WatcherStackSize = 128 * 1024;
    private const long PidfdSendSignal = 424; // The same numbers on every architecture; libc has them from glibc 2.36.
    private const long PidfdOpen = 434;
    private const short PollIn = 1;
    private const int EInterrupted = 4;
    private readonly SafeFileHandle descriptor;
    private readonly TaskCompletionSource<int?> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningProcess(int pid, ulong startTicks, SafeFileHandle descriptor)
    {
        Pid = pid;
        StartTicks = startTicks;
        this.descriptor = descriptor;
        new Thread(Watch, WatcherStackSize) { IsBackground = true }.Start();
    }

    public int Pid { get; }

    /// <summary>When it started, in clock ticks since boot: with the number it names one process among all of a boot.</summary>
    public ulong StartTicks { get; }

    /// <summary>
    /// Its exit code, 128 and the signal's number when one ended it, or null when it is not this process's child and only
    /// its end could be seen.
    /// </summary>
    public Task<int?> Ended => ended.Task;

    /// <summary>A child of this process that has not been waited for, or any other.</summary>
    /// <returns>Null when there is no such process (any more).</returns>
    public static RunningProcess? Find(int pid)
    {
        var descriptor = new SafeFileHandle((nint)syscall(PidfdOpen, pid, 0), ownsHandle: true);
        if (!descriptor.IsInvalid && StartTicksOf(pid) is { } ticks)
        {
            return new RunningProcess(pid, ticks, descriptor);
        }

        descriptor.Dispose();
        return null;
    }

    /// <summary>As <see cref="Find(int)"/>, but only the process that started then.</summary>
    public static RunningProcess? Find(int pid, ulong startTicks)
    {
        // The descriptor comes first: what is read afterwards is of the process it holds, or of none.
        var found = Find(pid);
        if (found is null || found.StartTicks == startTicks)
        {
            return found;
        }

        found.Dispose();
        return null;
    }

    /// <summary>Sends a signal. Fine when the process has ended.</summary>
    public void Signal(int number) => _ = syscall(PidfdSendSignal, descriptor, number, 0, 0);

    public void Dispose() => descriptor.Dispose();

    private void Watch()
    {
        var polled = new Polled((int)descriptor.DangerousGetHandle(), PollIn, 0);
        int result;
        do
        {
            result = poll(ref polled, 1, -1);
        } while (result < 0 && Marshal.GetLastPInvokeError() == EInterrupted);

        ended.SetResult(waitpid(Pid, out var status, 0) == Pid ? ExitCode(status) : null);
    }

    /// <summary>As shells count: the low 7 bits are the signal that ended it, if any, the next byte what it returned.</summary>
    private static int ExitCode(int status) =>
        (status & 0x7f) is > 0 and var signal ? 128 + signal : status >> 8 & 0xff;

    private static ulong? StartTicksOf(int pid)
    {
        try
        {
            // Field 22 of proc_pid_stat(5). The second, in parentheses, may hold spaces and parentheses itself.
            var line = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
            var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            return ulong.Parse(fields[22 - 3], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private record struct Polled(int Descriptor, short Events, short Returned);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long pid, long flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, SafeFileHandle descriptor, long signal, long info, long flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(ref Polled polled, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int pid, out int status, int options);
}
