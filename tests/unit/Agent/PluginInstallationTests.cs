using Weft.Agent.Installation;

namespace Weft.Tests.Unit.Agent;

public sealed class PluginInstallationTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void The_plugin_is_there_executable_and_nothing_else_is()
    {
        File.WriteAllText(scratch["plugin"], "new");
        Directory.CreateDirectory(scratch["bin"]);
        File.WriteAllText(scratch["bin/weft-cni"], "old");
        PluginInstallation.Install(scratch["plugin"], scratch["bin"]);
        Assert.Equal("new", File.ReadAllText(scratch["bin/weft-cni"]));
        Assert.Equal("rwxr-xr-x", Mode());
        Assert.Single(Directory.EnumerateFileSystemEntries(scratch["bin"]));
    }

    [Fact]
    public void One_that_runs_while_it_is_replaced_stays_the_file_it_was()
    {
        File.WriteAllText(scratch["plugin"], "new");
        Directory.CreateDirectory(scratch["bin"]);
        File.WriteAllText(scratch["bin/weft-cni"], "old");
        using var running = new StreamReader(scratch["bin/weft-cni"]);
        PluginInstallation.Install(scratch["plugin"], scratch["bin"]);
        Assert.Equal("old", running.ReadToEnd());
    }

    [Fact]
    public void One_that_is_the_same_is_not_touched()
    {
        File.WriteAllText(scratch["plugin"], "same");
        PluginInstallation.Install(scratch["plugin"], scratch["bin"]);
        var then = DateTime.UnixEpoch;
        File.SetLastWriteTimeUtc(scratch["bin/weft-cni"], then);
        PluginInstallation.Install(scratch["plugin"], scratch["bin"]);
        Assert.Equal(then, File.GetLastWriteTimeUtc(scratch["bin/weft-cni"]));
    }

    private string Mode()
    {
        var mode = (int)File.GetUnixFileMode(scratch["bin/weft-cni"]);
        return string.Concat(Enumerable.Range(0, 9).Select(bit => (mode >> (8 - bit) & 1) == 1 ? "rwx"[bit % 3] : '-'));
    }
}
