using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Weft.Agent.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Agent.Snapshot;

/// <summary>Keeps one kind's <see cref="SnapshotFile{T}"/> like its <see cref="Mirror{T}"/>, not more often than makes sense.</summary>
internal sealed partial class SnapshotOf<T>
    where T : class, IKubernetesObject
{
    // Writing takes at most a hundredth of the time.
    private const int Idleness = 100;
    private readonly SnapshotFile<T> file;
    private readonly Mirror<T> mirror;
    private readonly TimeSpan pause;
    private readonly ILogger logger;
    private readonly Signal changed = new();
    private bool failed;

    /// <param name="directory">Where the file is.</param>
    /// <param name="resource">The kind.</param>
    /// <param name="mirror">What to keep.</param>
    /// <param name="pause">Least time between two writes: what is younger is lost with the machine.</param>
    /// <param name="logger">For what cannot be read or written.</param>
    public SnapshotOf(string directory, Resource<T> resource, Mirror<T> mirror, TimeSpan pause, ILogger logger)
    {
        file = new SnapshotFile<T>(Path.Combine(directory, $"{resource.Plural}.json"), resource.ListJson, logger);
        (this.mirror, this.pause, this.logger) = (mirror, pause, logger);
    }

    /// <summary>Seeds the mirror with what was written down.</summary>
    public void Load()
    {
        if (file.Read() is { } items)
        {
            mirror.Seed(items);
        }

        mirror.Changed += _ => changed.Set();
        // A list that changed nothing is worth noting too: of a kind that has no objects.
        mirror.Fresh += changed.Set;
    }

    /// <summary>Writes after changes, and when it ends.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await changed.WaitAsync(cancellation);
                var watch = Stopwatch.StartNew();
                Write();
                var rest = watch.Elapsed * Idleness;
                await Task.Delay(rest > pause ? rest : pause, cancellation);
            }
        }
        finally
        {
            if (changed.TryTake())
            {
                Write();
            }
        }
    }

    private void Write()
    {
        // Before the first list there is nothing that is not written already.
        if (!mirror.IsFresh)
        {
            return;
        }

        try
        {
            file.Write(mirror.List());
            failed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!failed)
            {
                LogFailed(typeof(T).Name, e.Message);
            }

            failed = true;
        }
    }

    [LoggerMessage(
        LogLevel.Error,
        "The snapshot of {Kind} cannot be written; a start without the API server would not know what is new: {Reason}"
    )]
    private partial void LogFailed(string kind, string reason);
}
