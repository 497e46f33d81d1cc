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
    /// <returns>1, with the reason on standard error, when it cannot be copied.</returns>
    public static int Run(string from, string directory, TextWriter errors)
    {
        try
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

            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"weft-agent: the plugin cannot be installed: {e.Message}");
            return 1;
        }
    }
}
