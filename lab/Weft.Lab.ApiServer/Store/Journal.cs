using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Store;

/// <summary>
/// The store in a file: one JSON line for each change, in order. A line is handed to the kernel before its change is
/// answered, so a killed server has lost nothing; a machine that loses power may lose the last lines. The file is made
/// anew, with a line for each object instead of its whole past, when it has doubled since the last time.
/// </summary>
internal sealed class Journal : IDisposable
{
    /// <summary>A journal smaller than this is never made anew.</summary>
    private const long SmallestToCompact = 64 << 20;

    private readonly string path;
    private FileStream file;
    private long compactAt;

    private Journal(string path, FileStream file)
    {
        this.path = path;
        this.file = file;
        compactAt = Math.Max(SmallestToCompact, 2 * file.Length);
    }

    /// <summary>True when it has grown enough to be made anew.</summary>
    public bool IsLong => file.Length >= compactAt;

    /// <summary>Reads what is there into a store and goes on behind it.</summary>
    /// <exception cref="InvalidDataException">A line before the last is no change.</exception>
    public static Journal Open(string path, Action<JournalLine> read)
    {
        var file = Open(path, FileMode.OpenOrCreate);
        long whole = 0;
        using (var reader = new StreamReader(file, Encoding.UTF8, false, 1 << 16, leaveOpen: true))
        {
            for (var number = 1; reader.ReadLine() is { } line; number++)
            {
                var length = Encoding.UTF8.GetByteCount(line) + 1;
                // Killed while writing: nobody has heard of this change.
                if (whole + length > file.Length)
                {
                    break;
                }

                try
                {
                    read(JournalLine.Parse((JsonObject)JsonNode.Parse(line)!));
                }
                catch (Exception e) when (e is JsonException or InvalidCastException or NullReferenceException)
                {
                    throw new InvalidDataException(
                        $"{path}, line {number} is damaged: remove the file to start anew",
                        e
                    );
                }

                whole += length;
            }
        }

        file.SetLength(whole);
        file.Position = whole;
        return new(path, file);
    }

    public void Append(JournalLine line)
    {
        Write(file, line);
        file.Flush();
    }

    /// <summary>Takes these lines for all there were, by rename: there is a whole journal at any moment.</summary>
    public void Replace(IEnumerable<JournalLine> lines)
    {
        var fresh = Open($"{path}.new", FileMode.Create);
        foreach (var line in lines)
        {
            Write(fresh, line);
        }

        fresh.Flush();
        File.Move($"{path}.new", path, overwrite: true);
        file.Dispose();
        file = fresh;
        compactAt = Math.Max(SmallestToCompact, 2 * file.Length);
    }

    public void Dispose() => file.Dispose();

    // Secrets are in it.
    private static FileStream Open(string path, FileMode mode) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = mode,
                Access = FileAccess.ReadWrite,
                Share = FileShare.Read,
                BufferSize = 1 << 16,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );

    private static void Write(FileStream file, JournalLine line)
    {
        file.Write(line.Head());
        file.Write(line.Object?.Bytes ?? "null"u8);
        file.Write("}\n"u8);
    }
}
