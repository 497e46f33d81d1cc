using System.Globalization;

namespace Weft.Bench;

/// <summary>What /proc says of an agent, an operator or the bench.</summary>
internal sealed record DaemonProcess(int Pid)
{
    private const double Megabyte = 1e6;

    // USER_HZ, in which the kernel reports times whatever its own rate is.
    private const int TicksPerSecond = 100;

    /// <summary>The bench itself.</summary>
    public static DaemonProcess Self { get; } = new(Environment.ProcessId);

    public double ResidentMegabytes => 1024 * NumberAfter($"/proc/{Pid}/status", "VmRSS:") / Megabyte;

    /// <summary>The most it was at any time.</summary>
    public double PeakMegabytes => 1024 * NumberAfter($"/proc/{Pid}/status", "VmHWM:") / Megabyte;

    /// <summary>Has the most begin anew: "5" of proc(5), clear_refs.</summary>
    public void ResetPeak() => File.WriteAllText($"/proc/{Pid}/clear_refs", "5");

    /// <summary>Of threads that have ended too.</summary>
    public TimeSpan Cpu
    {
        get
        {
            // The second field is a name that may hold spaces; utime and stime are fields 14 and 15.
            var text = File.ReadAllText($"/proc/{Pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            var ticks =
                long.Parse(fields[11], CultureInfo.InvariantCulture)
                + long.Parse(fields[12], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
        }
    }

    /// <summary>Kernel memory of each BPF map the agent holds, in megabytes.</summary>
    public IReadOnlyList<(string Name, double Megabytes)> Maps() =>
        [
            .. Directory
                .EnumerateFileSystemEntries($"/proc/{Pid}/fd")
                .Where(fd => new FileInfo(fd).LinkTarget == "anon_inode:bpf-map")
                .Select(fd => $"/proc/{Pid}/fdinfo/{Path.GetFileName(fd)}")
                .Select(info => (Id: (uint)NumberAfter(info, "map_id:"), Bytes: NumberAfter(info, "memlock:")))
                .DistinctBy(map => map.Id)
                .Select(map => (BpfNames.OfMap(map.Id), map.Bytes / Megabyte)),
        ];

    private static double NumberAfter(string file, string key)
    {
        var line = File.ReadLines(file).First(l => l.StartsWith(key, StringComparison.Ordinal));
        return double.Parse(line[key.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
