using System.Globalization;
using Weft.Policy.Checks;
using YamlDotNet.Core;

namespace Weft.Cli.Policies;

/// <summary>Manifests from files, as `kubectl apply -f` takes them.</summary>
internal static class ManifestFiles
{
    private const string Stdin = "-";
    private static readonly string[] extensions = [".yaml", ".yml", ".json"];

    /// <summary>Those of all files, and of the files directly in folders.</summary>
    /// <exception cref="CommandException">One cannot be read; the message names it.</exception>
    public static IReadOnlyList<Manifest> Read(IEnumerable<string> paths) =>
        [.. paths.SelectMany(Files).SelectMany(ReadFile)];

    private static IEnumerable<string> Files(string path) =>
        Directory.Exists(path)
            ? Directory
                .EnumerateFiles(path)
                .Where(file => extensions.Contains(Path.GetExtension(file)))
                .Order(StringComparer.Ordinal)
            : [path];

    private static IEnumerable<Manifest> ReadFile(string path)
    {
        try
        {
            using var text = path == Stdin ? Console.In : File.OpenText(path);
            return YamlJson
                .Read(text)
                .SelectMany(
                    (document, i) =>
                        document is { } json
                            ? (Manifest[])
                                [new Manifest($"{path}:{(i + 1).ToString(CultureInfo.InvariantCulture)}", json)]
                            : []
                )
                .ToList();
        }
        catch (YamlException e)
        {
            throw new CommandException($"{path}: line {e.Start.Line}: {e.Message}");
        }
    }
}
