namespace Weft.Lab.ApiServer.Certificates;

/// <summary>Files with secrets: only their owner may read them, and nobody ever reads half of one.</summary>
internal static class PrivateFile
{
    public static void Write(string path, string text)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var writer = new StreamWriter($"{path}.new", options))
        {
            writer.Write(text);
        }

        File.Move($"{path}.new", path, overwrite: true);
    }
}
