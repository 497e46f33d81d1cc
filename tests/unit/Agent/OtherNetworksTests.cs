using Weft.Agent.Installation;

namespace Weft.Tests.Unit.Agent;

public sealed class OtherNetworksTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void What_a_runtime_would_read_is_set_aside_and_the_rest_stays()
    {
        Write(
            "05-weft.conflist",
            "00-meta.conf",
            "10-other.conflist",
            "20-third.json",
            "notes.txt",
            "05-weft.conflist.new"
        );
        Assert.Equal(["00-meta.conf", "10-other.conflist", "20-third.json"], OtherNetworks.SetAside(scratch.Root));
        Assert.Equal(
            [
                "00-meta.conf.set-aside-by-weft",
                "05-weft.conflist",
                "05-weft.conflist.new",
                "10-other.conflist.set-aside-by-weft",
                "20-third.json.set-aside-by-weft",
                "notes.txt",
            ],
            Names()
        );
        Assert.Empty(OtherNetworks.SetAside(scratch.Root));
    }

    [Fact]
    public void What_was_set_aside_comes_back()
    {
        Write("00-meta.conf", "10-other.conflist");
        OtherNetworks.SetAside(scratch.Root);
        Assert.Equal(["00-meta.conf", "10-other.conflist"], OtherNetworks.BringBack(scratch.Root));
        Assert.Equal(["00-meta.conf", "10-other.conflist"], Names());
        Assert.Equal("00-meta.conf", File.ReadAllText(scratch["00-meta.conf"]));
        Assert.Empty(OtherNetworks.BringBack(scratch.Root));
    }

    [Fact]
    public void What_a_network_has_written_last_counts()
    {
        Write("10-other.conflist");
        OtherNetworks.SetAside(scratch.Root);
        File.WriteAllText(scratch["10-other.conflist"], "newer");
        OtherNetworks.SetAside(scratch.Root);
        Assert.Equal("newer", File.ReadAllText(scratch["10-other.conflist.set-aside-by-weft"]));

        File.WriteAllText(scratch["10-other.conflist"], "newest");
        OtherNetworks.BringBack(scratch.Root);
        Assert.Equal("newest", File.ReadAllText(scratch["10-other.conflist"]));
        Assert.Equal(["10-other.conflist"], Names());
    }

    [Fact]
    public void A_directory_that_is_missing_has_none()
    {
        Assert.Empty(OtherNetworks.SetAside(scratch["missing"]));
        Assert.Empty(OtherNetworks.BringBack(scratch["missing"]));
    }

    private void Write(params string[] names)
    {
        foreach (var name in names)
        {
            File.WriteAllText(scratch[name], name);
        }
    }

    private IEnumerable<string> Names() =>
        Directory.GetFiles(scratch.Root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);
}
