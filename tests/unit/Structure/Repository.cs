using System.Xml.Linq;

namespace Weft.Tests.Unit;

/// <summary>The repository this test was built from.</summary>
internal static class Repository
{
    private static readonly string[] NotSources = ["out", ".git"];

    public static string Root { get; } = Find();

    /// <summary>Paths of its own files that match, relative to the root, in order.</summary>
    public static IReadOnlyList<string> Files(string pattern) =>
        [
            .. Directory
                .EnumerateDirectories(Root)
                .Where(directory => !NotSources.Contains(Path.GetFileName(directory)))
                .SelectMany(directory => Directory.EnumerateFiles(directory, pattern, SearchOption.AllDirectories))
                .Concat(Directory.EnumerateFiles(Root, pattern))
                .Select(file => Path.GetRelativePath(Root, file))
                .Order(StringComparer.Ordinal),
        ];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Folders of the projects that a project references.</summary>
    public static IReadOnlyList<string> References(string project) =>
        [
            .. XDocument
                .Load(Path.Combine(Root, project))
                .Descendants("ProjectReference")
                .Select(reference => (string)reference.Attribute("Include")!)
                .Select(path => Path.GetFullPath(path, Path.Combine(Root, Path.GetDirectoryName(project)!)))
                .Select(path => Path.GetRelativePath(Root, Path.GetDirectoryName(path)!))
                .Order(StringComparer.Ordinal),
        ];

    private static string Find()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Cni.sln")))
        {
            directory =
                Path.GetDirectoryName(directory)
                ?? throw new InvalidOperationException("the tests run outside of the repository they check");
        }

        return directory;
    }
}
