using Weft.Agent.Files;

namespace Weft.Agent.Installation;

/// <summary>
/// Brings the plugin onto its node. A runtime may execute it at any moment: it finds the old one or the new one, whole,
/// and one that is being executed goes on.
/// </summary>
internal static class PluginInstallation
{
    /// <summary>Name of the plugin's file, as CNI configurations have it.</summary>
    public const string FileName = "weft-cni";

    private const UnixFileMode Executable =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherExecute;

    /// <summary>Copies the plugin into a directory; one that is the same already is not touched.</summary>
    /// <exception cref="IOException">It cannot be copied.</exception>
    public static void Install(string from, string directory)
    {
        var plugin = File.ReadAllBytes(from);
        var path = Path.Combine(directory, FileName);
        if (
            !File.Exists(path)
            || File.GetUnixFileMode(path) != Executable
            || !File.ReadAllBytes(path).AsSpan().SequenceEqual(plugin)
        )
        {
            DurableFile.Replace(path, stream => stream.Write(plugin), Executable);
        }
    }
}
