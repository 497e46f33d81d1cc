namespace Weft.Tests.EndToEnd.Lab;

/// <summary>What a lab could leave behind on the machine.</summary>
internal sealed record Traces(string Links, string Mounts, string Files)
{
    public static Traces Now() =>
        new(
            Names("/sys/class/net"),
            string.Join('\n', File.ReadLines("/proc/self/mountinfo").Where(l => l.Contains("weft-test-"))),
            Names("/run", "weft*") + Cgroups() + Names("/sys/fs/bpf", "weft*") + Names("/var/tmp", "weft*")
        );

    /// <summary>Processes inside of these namespaces.</summary>
    public static IReadOnlyList<int> Processes(IReadOnlySet<string> namespaces) =>
        [
            .. from directory in Directory.EnumerateDirectories("/proc")
            where char.IsAsciiDigit(Path.GetFileName(directory)[0])
            where namespaces.Contains(Link($"{directory}/ns/net")) || namespaces.Contains(Link($"{directory}/ns/mnt"))
            select int.Parse(Path.GetFileName(directory)),
        ];

    /// <summary>Those of labs of tests, wherever version 2 is mounted.</summary>
    private static string Cgroups() =>
        string.Concat(
            ((IEnumerable<string>)["/sys/fs/cgroup", "/sys/fs/cgroup/unified"])
                .Where(Directory.Exists)
                .Select(root => Names(root, "weft-lab*weft-test-*"))
        );

    private static string Names(string directory, string pattern = "*") =>
        string.Join(
            ' ',
            Directory
                .EnumerateFileSystemEntries(directory, pattern)
                .Select(e => Path.GetFileName(e))
                .Order(StringComparer.Ordinal)
        );

    private static string Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
