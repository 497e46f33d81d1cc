using System.Globalization;
using System.Runtime.InteropServices;

namespace Weft.Lab.Linux;

/// <summary>Processes by the namespaces they are in: what makes a process the lab's, whoever started it.</summary>
internal static partial class ProcessTable
{
    private const int SigKill = 9;
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

            foreach (var pid in found)
            {
                _ = kill(pid, SigKill);
            }

            Thread.Sleep(5);
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

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
