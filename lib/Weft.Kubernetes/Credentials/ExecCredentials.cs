namespace Weft.Kubernetes.Credentials;

/// <summary>Credentials of a plugin, kept until they expire or the server refuses them.</summary>
internal sealed class ExecCredentials(ExecPlugin plugin, TimeProvider time) : IDisposable
{
    // A request that leaves now should not arrive too late.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim one = new(1);
    private ExecCredentialStatus? known;

    /// <summary>Credentials that have not expired; at most one run of the plugin at a time.</summary>
    public async ValueTask<ExecCredentialStatus> GetAsync(CancellationToken cancellation)
    {
        if (IsFresh(Volatile.Read(ref known), out var fresh))
        {
            return fresh;
        }

        await one.WaitAsync(cancellation);
        try
        {
            if (!IsFresh(known, out fresh))
            {
                fresh = await ExecPluginRun.RunAsync(plugin, cancellation);
                Volatile.Write(ref known, fresh);
            }

            return fresh;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>The server refused these: unless they were replaced meanwhile, the plugin runs again.</summary>
    public void Expire(ExecCredentialStatus refused) => Interlocked.CompareExchange(ref known, null, refused);

    public void Dispose() => one.Dispose();

    private bool IsFresh(
        ExecCredentialStatus? status,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ExecCredentialStatus? fresh
    )
    {
        fresh = status;
        return status is not null && (status.ExpirationTimestamp is not { } end || time.GetUtcNow() + Margin < end);
    }
}
