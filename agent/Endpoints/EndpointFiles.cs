using System.Globalization;
using System.Text.Json;
using Weft.Contracts;
using Weft.Net;

namespace Weft.Agent.Endpoints;

/// <summary>
/// What the agent must know again after a restart: a file for each endpoint, and one for each address that rests. They
/// live on tmpfs and are not synced: after a crash of the machine there are no links for them to be about.
/// </summary>
internal sealed class EndpointFiles
{
    private const string Suffix = ".json";
    private readonly string endpoints;
    private readonly string resting;
    private readonly Dictionary<string, DateTimeOffset> restingUntil = [];
    private readonly Lock gate = new();

    public EndpointFiles(string runDirectory)
    {
        endpoints = Path.Combine(runDirectory, "endpoints");
        resting = Path.Combine(runDirectory, "resting");
        Directory.CreateDirectory(endpoints);
        Directory.CreateDirectory(resting);
    }

    /// <summary>Writes the endpoint's file, whole or not at all.</summary>
    public void Save(Endpoint endpoint) =>
        WriteWhole(PathOf(endpoint.Id), JsonSerializer.SerializeToUtf8Bytes(endpoint, EndpointJson.Default.Endpoint));

    /// <summary>Removes the endpoint's file.</summary>
    public void Remove(AttachmentId id) => File.Delete(PathOf(id));

    /// <summary>All endpoints; a file that cannot be read is set aside and reported.</summary>
    public IReadOnlyList<Endpoint> Load(Action<string, Exception> unreadable)
    {
        var loaded = new List<Endpoint>();
        foreach (var path in Directory.EnumerateFiles(endpoints, "*" + Suffix))
        {
            try
            {
                loaded.Add(Read(path));
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                File.Move(path, path + ".unreadable", overwrite: true);
                unreadable(path, e);
            }
        }

        return loaded;
    }

    /// <summary>Notes that an address rests until then, and forgets those that have rested.</summary>
    public void SaveResting(Ip address, DateTimeOffset until, DateTimeOffset now)
    {
        var path = Path.Combine(resting, address.ToString());
        lock (gate)
        {
            WriteWhole(path, System.Text.Encoding.ASCII.GetBytes(until.ToString("O", CultureInfo.InvariantCulture)));
            restingUntil[path] = until;
            foreach (var (rested, end) in restingUntil)
            {
                if (end <= now)
                {
                    File.Delete(rested);
                    restingUntil.Remove(rested);
                }
            }
        }
    }

    /// <summary>The addresses that rest still.</summary>
    public IReadOnlyList<(Ip Address, DateTimeOffset Until)> LoadResting(DateTimeOffset now)
    {
        var loaded = new List<(Ip, DateTimeOffset)>();
        foreach (var path in Directory.EnumerateFiles(resting))
        {
            if (
                Ip.TryParse(Path.GetFileName(path), out var address)
                && DateTimeOffset.TryParse(
                    File.ReadAllText(path),
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.RoundtripKind,
                    out var until
                )
                && until > now
            )
            {
                loaded.Add((address, until));
                restingUntil[path] = until;
            }
            else
            {
                File.Delete(path);
            }
        }

        return loaded;
    }

    private static Endpoint Read(string path)
    {
        var endpoint =
            JsonSerializer.Deserialize(File.ReadAllBytes(path), EndpointJson.Default.Endpoint)
            ?? throw new JsonException("it is null");
        // What the maps will need must be there: found missing later, it would keep the agent from starting.
        _ = MacAddress.Parse(endpoint.Attachment.Mac);
        _ = endpoint.Ips.ToList();
        return endpoint;
    }

    private static void WriteWhole(string path, ReadOnlySpan<byte> content)
    {
        // A name that Load does not look at, should the agent end here.
        var temporary = path + ".new";
        // A new file, not an emptied one: that, some file systems write to the disk before closing it returns.
        File.Delete(temporary);
        using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite))
        {
            RandomAccess.Write(file, content, fileOffset: 0);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private string PathOf(AttachmentId id) => Path.Combine(endpoints, HostInterface.NameOf(id) + Suffix);
}
