namespace Weft.Agent.Files;

/// <summary>A file that is there whole, as before or as now, whatever becomes of the agent or the machine.</summary>
internal static class DurableFile
{
    /// <summary>Replaces the file: written beside it, synced, renamed. Its directory is made if it is missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="mode">Who may do what with it; null: as this process makes files.</param>
    /// <exception cref="IOException">The disk is full, or will not.</exception>
    public static void Replace(string path, Action<Stream> write, UnixFileMode? mode = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // A name that nobody who looks for files of its kind takes for one.
        var temporary = $"{path}.new";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            if (mode is { } wanted)
            {
                File.SetUnixFileMode(stream.SafeFileHandle, wanted);
            }

            write(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
