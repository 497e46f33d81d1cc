namespace Weft.Tests.EndToEnd.Image;

/// <summary>What is in the image, and what is not.</summary>
public sealed class ImageContentTests : IDisposable
{
    private const long Most = 80_000_000;
    private readonly ImageRoot root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void It_has_Weft_s_programs_and_no_other()
    {
        var programs = Files().Where(file => file.UnixFileMode.HasFlag(UnixFileMode.UserExecute) && !IsLibrary(file));
        Assert.Equal(
            [
                "/usr/bin/weft",
                "/usr/bin/weft-agent",
                "/usr/bin/weft-cni",
                "/usr/bin/weft-operator",
                "/usr/bin/weft-probe",
            ],
            programs.Select(file => file.FullName[root.Folder.Length..]).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void It_is_small()
    {
        var size = Files().Sum(file => file.Length);
        Assert.True(size <= Most, $"the image's root file system has {size} bytes, more than {Most}");
    }

    private IEnumerable<FileInfo> Files() =>
        new DirectoryInfo(root.Folder).EnumerateFiles("*", SearchOption.AllDirectories);

    private static bool IsLibrary(FileInfo file) => file.Name.Contains(".so", StringComparison.Ordinal);
}
