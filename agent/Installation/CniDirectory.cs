namespace Weft.Agent.Installation;

/// <summary>Tells when somebody else's hand was in the runtime's directory of CNI configurations.</summary>
internal sealed class CniDirectory : IDisposable
{
    private readonly FileSystemWatcher watcher;

    /// <summary>Watches the directory, which is made if it is missing.</summary>
    public CniDirectory(string directory, Action changed)
    {
        Directory.CreateDirectory(directory);
        watcher = new FileSystemWatcher(directory);
        watcher.Created += (_, _) => changed();
        watcher.Changed += (_, _) => changed();
        watcher.Deleted += (_, _) => changed();
        watcher.Renamed += (_, _) => changed();
        // The kernel's queue ran over: what changed is unknown.
        watcher.Error += (_, _) => changed();
        watcher.EnableRaisingEvents = true;
    }

    /// <inheritdoc/>
    public void Dispose() => watcher.Dispose();
}
