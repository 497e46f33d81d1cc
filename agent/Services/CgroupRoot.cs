using Weft.Configuration;

namespace Weft.Agent.Services;

/// <summary>The control group of version 2 that all of the node's processes are in, where programs for sockets attach.</summary>
internal static class CgroupRoot
{
    private const string Mounts = "/proc/self/mountinfo";
    private const string Usual = "/sys/fs/cgroup";

    // Only groups of version 2 have it.
    private const string Mark = "cgroup.controllers";

    /// <summary>The configured directory, or the mounted one below /sys/fs/cgroup.</summary>
    /// <exception cref="ConfigException">There is none.</exception>
    public static string Of(string? configured) =>
        Find(configured)
        ?? throw new ConfigException(
            configured is null
                ? $"no cgroup2 file system is mounted below {Usual}, and Services need one: mount it, name it in \"cgroupRoot\", or set \"kubeProxyReplacement\" to false"
                : $"\"cgroupRoot\": {configured} is no control group of version 2; name one, or leave the key out"
        );

    /// <summary>As <see cref="Of"/>; null when there is none.</summary>
    public static string? Find(string? configured) =>
        configured is null ? Find()
        : File.Exists(Path.Combine(configured, Mark)) ? configured
        : null;

    /// <summary>The mounted one below /sys/fs/cgroup, or null.</summary>
    public static string? Find() => Find(File.ReadLines(Mounts));

    /// <summary>Finds it in the lines of a mountinfo file (proc_pid_mountinfo(5)).</summary>
    internal static string? Find(IEnumerable<string> mounts) =>
        mounts
            .Select(line => line.Split(' '))
            .Where(fields =>
                IsCgroup2(fields) && (fields[4] == Usual || fields[4].StartsWith($"{Usual}/", StringComparison.Ordinal))
            )
            .Select(fields => fields[4])
            .FirstOrDefault();

    // The type comes after a dash, for before it there are as many optional fields as there happen to be.
    private static bool IsCgroup2(string[] fields) =>
        Array.IndexOf(fields, "-") is > 4 and var dash && dash + 1 < fields.Length && fields[dash + 1] == "cgroup2";
}
