using Weft.Agent.Readiness;

namespace Weft.Agent.Installation;

/// <summary>
/// Other networks' configurations, out of the runtime's sight while Weft is installed: a runtime takes the first by name,
/// and one that comes before Weft's would take its place.
/// </summary>
internal static class OtherNetworks
{
    /// <summary>What the name of one that is set aside ends with; no runtime reads such a file.</summary>
    public const string Suffix = ".set-aside-by-weft";

    /// <summary>What libcni and its callers take for a configuration.</summary>
    private static readonly string[] extensions = [".conf", ".conflist", ".json"];

    /// <summary>True for a file that a runtime would read, and that is not Weft's.</summary>
    public static bool IsOne(string file) =>
        extensions.Contains(Path.GetExtension(file)) && file != CniConfiguration.FileName;

    /// <summary>Sets all of them aside, under their names with the suffix.</summary>
    /// <returns>Their names.</returns>
    /// <exception cref="IOException">One cannot be renamed.</exception>
    public static IReadOnlyList<string> SetAside(string directory)
    {
        var names = Names(directory, "*").Where(IsOne).ToList();
        foreach (var name in names)
        {
            var path = Path.Combine(directory, name);
            // One that its network has written again since: what it wrote last counts.
            File.Move(path, path + Suffix, overwrite: true);
        }

        return names;
    }

    /// <summary>Gives all of them their names back; where a network has written its own again since, that one stays.</summary>
    /// <returns>Their names.</returns>
    /// <exception cref="IOException">One cannot be renamed.</exception>
    public static IReadOnlyList<string> BringBack(string directory)
    {
        var names = Names(directory, "*" + Suffix).Select(name => name[..^Suffix.Length]).ToList();
        foreach (var name in names)
        {
            var path = Path.Combine(directory, name);
            if (File.Exists(path))
            {
                File.Delete(path + Suffix);
            }
            else
            {
                File.Move(path + Suffix, path);
            }
        }

        return names;
    }

    private static IEnumerable<string> Names(string directory, string pattern) =>
        Directory.Exists(directory)
            ? Directory.EnumerateFiles(directory, pattern).Select(path => Path.GetFileName(path)!).Order()
            : [];
}
