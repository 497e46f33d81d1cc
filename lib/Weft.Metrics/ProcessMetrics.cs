using System.Diagnostics;

namespace Weft.Metrics;

/// <summary>What every Prometheus client says of its process, under the names all of them use.</summary>
public static class ProcessMetrics
{
    /// <summary>Adds them.</summary>
    public static void Register(Registry registry)
    {
        registry.Counter(
            "process_cpu_seconds_total",
            "CPU time of the process, user and system.",
            [],
            () => [new Sample(Read(process => process.TotalProcessorTime.TotalSeconds))]
        );
        registry.Gauge(
            "process_resident_memory_bytes",
            "Memory of the process that is resident.",
            () => Read(process => process.WorkingSet64)
        );
        registry.Gauge(
            "process_open_fds",
            "Descriptors that the process has open.",
            () => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count()
        );
        registry.Gauge(
            "process_start_time_seconds",
            "When the process was started, in seconds since 1970.",
            () => Read(process => new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0)
        );
    }

    private static double Read(Func<Process, double> read)
    {
        using var process = Process.GetCurrentProcess();
        return read(process);
    }
}
