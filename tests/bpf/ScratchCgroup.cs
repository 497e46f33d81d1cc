using System.Globalization;
using System.Runtime.InteropServices;

namespace Weft.Tests.Bpf;

/// <summary>A control group of a test's own, which this process is in until the test is over.</summary>
internal sealed partial class ScratchCgroup : IDisposable
{
    private const string Version2 = "0::";
    private const int Detach = 2;
    private readonly string mountPoint = System.IO.Directory.CreateTempSubdirectory("weft-test-cgroup-").FullName;
    private readonly string before;

    public ScratchCgroup()
    {
        Assert.Equal(0, mount("none", mountPoint, "cgroup2", 0, 0));
        before =
            mountPoint
            + File.ReadLines("/proc/self/cgroup").First(line => line.StartsWith(Version2, StringComparison.Ordinal))[
                Version2.Length..
            ];
        Path = string.Create(CultureInfo.InvariantCulture, $"{mountPoint}/weft-test-{Environment.ProcessId}");
        System.IO.Directory.CreateDirectory(Path);
        Enter(Path);
    }

    public string Path { get; }

    public void Dispose()
    {
        Enter(before);
        System.IO.Directory.Delete(Path);
        Assert.Equal(0, umount2(mountPoint, Detach));
        System.IO.Directory.Delete(mountPoint);
    }

    private static void Enter(string group) => File.WriteAllText($"{group}/cgroup.procs", "0");

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, nint data);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
