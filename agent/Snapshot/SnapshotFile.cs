using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Weft.Agent.Files;
using Weft.Kubernetes.Objects;

namespace Weft.Agent.Snapshot;

/// <summary>
/// The objects of one kind on disk: a list as the API server would give it, and a last line with the form's version and
/// the SHA-256 of what comes before.
/// </summary>
internal sealed partial class SnapshotFile<T>(string path, JsonTypeInfo<ObjectList<T>> json, ILogger logger)
    where T : class, IKubernetesObject
{
    private const string Form = "weft-snapshot 1 sha256 ";

    /// <summary>What was written last; null when there is nothing, or nothing that can be used: that is set aside.</summary>
    public IReadOnlyList<T>? Read()
    {
        try
        {
            return Parse(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is FormatException or JsonException or IOException or UnauthorizedAccessException)
        {
            LogUnreadable(path, e.Message);
            SetAside();
            return null;
        }
    }

    /// <summary>Replaces what was written.</summary>
    /// <exception cref="IOException">The disk is full, or will not.</exception>
    public void Write(IReadOnlyList<T> items) =>
        DurableFile.Replace(
            path,
            stream =>
            {
                using var hash = SHA256.Create();
                using (var hashed = new CryptoStream(stream, hash, CryptoStreamMode.Write, leaveOpen: true))
                {
                    JsonSerializer.Serialize(hashed, new ObjectList<T> { Items = items }, json);
                }

                stream.Write(Encoding.ASCII.GetBytes($"\n{Form}{Convert.ToHexStringLower(hash.Hash!)}\n"));
            }
        );

    private IReadOnlyList<T> Parse(ReadOnlySpan<byte> content)
    {
        var end = content.Length == 0 ? -1 : content[..^1].LastIndexOf((byte)'\n');
        if (end < 0 || content[^1] != (byte)'\n')
        {
            throw new FormatException("its last line is missing");
        }

        var last = Encoding.ASCII.GetString(content[(end + 1)..^1]);
        if (!last.StartsWith(Form, StringComparison.Ordinal))
        {
            throw new FormatException("its last line is not of this version");
        }

        if (last[Form.Length..] != Convert.ToHexStringLower(SHA256.HashData(content[..end])))
        {
            throw new FormatException("it is not what was written");
        }

        var items = JsonSerializer.Deserialize(content[..end], json)?.Items ?? [];
        return items.All(item => item.Metadata?.Name is not null)
            ? items
            : throw new FormatException("an object has no name");
    }

    private void SetAside()
    {
        try
        {
            File.Move(path, $"{path}.unreadable", overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogStays(path, e.Message);
        }
    }

    [LoggerMessage(
        LogLevel.Error,
        "The snapshot {Path} cannot be used and is set aside as *.unreadable; the API server is needed to know again what it held: {Reason}"
    )]
    private partial void LogUnreadable(string path, string reason);

    [LoggerMessage(LogLevel.Error, "The snapshot {Path} cannot be set aside: {Reason}")]
    private partial void LogStays(string path, string reason);
}
