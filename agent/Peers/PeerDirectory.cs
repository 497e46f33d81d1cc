using Microsoft.Extensions.Logging;
using Weft.Net;

namespace Weft.Agent.Peers;

/// <summary>The other nodes from a directory with one JSON file each, watched. A file that makes no sense is reported
/// and counts as what it last was: a slip of the pen must not cut a node off.</summary>
/// <param name="directory">The directory, or null for a node alone.</param>
/// <param name="podCidrs">Prefixes of this node's pods.</param>
/// <param name="ownName">This node's name.</param>
/// <param name="logger">For files that make no sense.</param>
internal sealed partial class PeerDirectory(
    string? directory,
    IReadOnlyList<Prefix> podCidrs,
    string ownName,
    ILogger logger
) : INodeSource, IDisposable
{
    private readonly Signal changed = new();
    private readonly Dictionary<string, Peer> lastGood = [];
    private FileSystemWatcher? watcher;

    /// <inheritdoc/>
    public IReadOnlyList<Prefix>? PodCidrs => podCidrs;

    /// <inheritdoc/>
    public bool IsComplete => true;

    /// <inheritdoc/>
    public IReadOnlyList<Peer> Read()
    {
        var files = Directory.Exists(directory) ? Directory.GetFiles(directory, "*.json") : [];
        foreach (var gone in lastGood.Keys.Except(files).ToList())
        {
            lastGood.Remove(gone);
        }

        foreach (var path in files)
        {
            try
            {
                lastGood[path] = Peer.Parse(File.ReadAllBytes(path));
            }
            catch (Exception e) when (e is FormatException or IOException)
            {
                LogUnreadable(path, e.Message);
            }
        }

        return
        [
            .. lastGood
                .Values.Where(peer => peer.Name != ownName)
                .DistinctBy(peer => peer.Name)
                .OrderBy(peer => peer.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Starts to watch; must come before the first <see cref="Read"/>, so that no change is lost between.</summary>
    public void Watch()
    {
        if (directory is null)
        {
            return;
        }

        Directory.CreateDirectory(directory);
        watcher = new FileSystemWatcher(directory);
        watcher.Changed += (_, _) => changed.Set();
        watcher.Created += (_, _) => changed.Set();
        watcher.Deleted += (_, _) => changed.Set();
        watcher.Renamed += (_, _) => changed.Set();
        // The kernel's queue ran over: what changed is unknown, so all is read again.
        watcher.Error += (_, _) => changed.Set();
        watcher.EnableRaisingEvents = true;
    }

    /// <inheritdoc/>
    public Task WaitForChangeAsync(CancellationToken cancellation) => changed.WaitAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose() => watcher?.Dispose();

    [LoggerMessage(LogLevel.Error, "The node file {Path} is not used, what it said before stays: {Reason}")]
    private partial void LogUnreadable(string path, string reason);
}
