using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Weft.Cli.Sysdump;

/// <summary>A .tar.gz that only its owner can read, and what could not be put into it.</summary>
internal sealed class DumpArchive : IDisposable
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TarWriter tar;
    private readonly string folder;
    private readonly List<string> problems = [];

    public DumpArchive(string path)
    {
        folder = Path.GetFileName(path).Replace(".tar.gz", "", StringComparison.Ordinal);
        var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = OnlyOwner,
            }
        );
        tar = new TarWriter(new GZipStream(file, CompressionLevel.Optimal));
    }

    /// <summary>What could not be had, a line for each.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>Puts a text into the archive.</summary>
    public void Add(string name, string text) =>
        tar.WriteEntry(
            new PaxTarEntry(TarEntryType.RegularFile, $"{folder}/{name}")
            {
                Mode = OnlyOwner,
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
            }
        );

    /// <summary>Notes that something is missing.</summary>
    public void Miss(string name, string why) => problems.Add($"{name}: {why}");

    public void Dispose()
    {
        if (problems.Count > 0)
        {
            Add("missing.txt", string.Join('\n', problems) + "\n");
        }

        tar.Dispose();
    }
}
