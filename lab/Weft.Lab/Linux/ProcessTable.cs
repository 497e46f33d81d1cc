using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weft.Lab.Linux;

/// <summary>Processes by the namespaces they are in: what makes a process the lab's, whoever started it.</summary>
internal static partial class ProcessTable
{
    private const int SigKill = 9;
    private const short PollIn = 1;
    private const long PidfdOpen = 434; // The same number on every architecture; libc has it from glibc 2.36.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Processes whose network or mount namespace is among these (named as in net:[4026532008]).</summary>
    public static IEnumerable<int> Inside(IReadOnlySet<string> namespaces) =>
        from directory in Directory.EnumerateDirectories("/proc")
        let name = Path.GetFileName(directory)
        where char.IsAsciiDigit(name[0])
        let pid = int.Parse(name, CultureInfo.InvariantCulture)
        where pid != Environment.ProcessId
        where IsIn(namespaces, $"{directory}/ns/net") || IsIn(namespaces, $"{directory}/ns/mnt")
        select pid;

    /// <summary>Kills those of them that are meant, all unless said otherwise, and returns once they are gone.</summary>
    /// <exception cref="LabException">One did not die.</exception>
    public static void KillInside(IReadOnlySet<string> namespaces, Func<int, bool>? meant = null)
    {
        var giveUp = DateTime.UtcNow + Patience;
        while (true)
        {
            // A process may fork while we look, so look again until there is none.
            var found = Inside(namespaces).Where(meant ?? (_ => true)).ToList();
            if (found.Count == 0)
            {
                return;
            }

            if (DateTime.UtcNow > giveUp)
            {
                throw new LabException(
                    $"process {found[0]} does not end; see /proc/{found[0]}/stack for what holds it"
                );
            }

            foreach (var process in found.ConvertAll(Kill))
            {
                using (process)
                {
                    WaitForEnd(process, giveUp - DateTime.UtcNow);
                }
            }
        }
    }

    private static SafeFileHandle Kill(int pid)
    {
        var process = new SafeFileHandle((nint)syscall(PidfdOpen, pid, 0), ownsHandle: true);
        _ = kill(pid, SigKill);
        return process;
    }

    /// <summary>
    /// /proc shows a process without namespaces and program as soon as its first thread is gone, while others still hold
    /// its files, and its locks on them. The descriptor becomes readable when the last one is gone.
    /// </summary>
    private static void WaitForEnd(SafeFileHandle process, TimeSpan patience)
    {
        if (!process.IsInvalid)
        {
            var polled = new Polled((int)process.DangerousGetHandle(), PollIn, 0);
            _ = poll(ref polled, 1, Math.Max(0, (int)patience.TotalMilliseconds));
        }
    }

    private static bool IsIn(IReadOnlySet<string> namespaces, string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget is { } name && namespaces.Contains(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is a zombie: it has no namespaces any more.
            return false;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private record struct Polled(int Descriptor, short Events, short Returned);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long pid, long flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(ref Polled polled, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
