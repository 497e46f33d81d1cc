using Microsoft.Extensions.Logging;
using Weft.Agent.Policy;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Net;

namespace Weft.Agent.Peers;

/// <summary>
/// Keeps the peers map as desired. A change writes the entries it touches and no others. What the map holds from before
/// a restart is not removed until everything desired has been heard of (<see cref="Complete"/>).
/// </summary>
internal sealed partial class PeersMap(
    BpfMap<PeerKey, PeerValue> map,
    DesiredPeers desired,
    Epoch epoch,
    TimeProvider time,
    ILogger logger
)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly Signal owes = new();
    private HashSet<PeerKey>? inherited;
    private bool complete;
    private int behind;

    /// <summary><see cref="Behind"/> has become 0, or is no longer 0.</summary>
    public event Action? HealthChanged;

    /// <summary>Entries were written or removed.</summary>
    public event Action? Changed;

    /// <summary>How many entries are not as they should be, for the map is full or the kernel has no memory.</summary>
    public int Behind => Volatile.Read(ref behind);

    /// <summary>Slices, the addresses they name, and the identities waited for.</summary>
    public (int Slices, int Addresses, int Waiting) Counts
    {
        get
        {
            lock (gate)
            {
                return (desired.Slices, desired.Addresses, desired.Waiting);
            }
        }
    }

    /// <summary>Identities of other nodes' pods.</summary>
    public IReadOnlySet<uint> Identities()
    {
        lock (gate)
        {
            return desired.Identities();
        }
    }

    /// <summary>Addresses of other nodes' pods by identity.</summary>
    public ILookup<uint, Ip> ByIdentity()
    {
        lock (gate)
        {
            return desired.ByIdentity();
        }
    }

    /// <summary>
    /// Makes a change and writes what it touches. What cannot be written, most likely for want of room, is left for the
    /// next change or <see cref="Retry"/>.
    /// </summary>
    public void Change(Action<DesiredPeers, DateTimeOffset> change)
    {
        lock (gate)
        {
            change(desired, time.GetUtcNow());
            Apply();
        }
    }

    /// <summary>
    /// Until <see cref="Seeded"/>, changes come from what was written down before a restart: where the map has an entry
    /// of a pod already, that one is newer, and stays.
    /// </summary>
    public void Seed()
    {
        lock (gate)
        {
            inherited = [];
            map.Walk((key, _) => inherited.Add(key));
        }
    }

    /// <summary>From here on changes are news.</summary>
    public void Seeded()
    {
        lock (gate)
        {
            inherited = null;
        }
    }

    /// <summary>Everything desired is known: the map is made equal to it, once.</summary>
    public void Complete()
    {
        lock (gate)
        {
            if (!complete)
            {
                complete = true;
                Reconcile();
            }
        }
    }

    /// <summary>
    /// Tries again what could not be written, and gives up waiting for identities that do not come, until cancelled.
    /// </summary>
    public async Task RetryAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await owes.WaitAsync(cancellation);
            await Task.Delay(Pause, time, cancellation);
            Retry();
        }
    }

    private void Retry()
    {
        lock (gate)
        {
            foreach (var identity in desired.Overdue(time.GetUtcNow()))
            {
                LogOverdue(identity);
            }

            Apply();
        }
    }

    private void Reconcile()
    {
        var right = new HashSet<PeerKey>();
        var wrong = new List<PeerKey>();
        map.Walk((key, value) => (desired.Of(key) == value ? (ICollection<PeerKey>)right : wrong).Add(key));
        desired.Touch(wrong);
        desired.Touch(desired.Keys().Where(key => !right.Contains(key)));
        Apply();
    }

    // Removals make room; then come nodes, without which their pods are not reached at all.
    private void Apply()
    {
        List<PeerKey> gone = [],
            pods = [],
            nodes = [];
        foreach (var key in desired.TakeDirty())
        {
            if (desired.Of(key) is null)
            {
                // Before everything is known, the way to a pod's node may only not have been heard of.
                if (complete)
                {
                    gone.Add(key);
                }
            }
            else if (!desired.IsPod(key))
            {
                nodes.Add(key);
            }
            else if (inherited?.Contains(key) != true)
            {
                pods.Add(key);
            }
        }

        List<PeerKey> inOrder = [.. gone, .. nodes, .. pods];
        var (written, failure) = Write(inOrder);
        desired.Touch(inOrder.Skip(written));
        if (written > 0)
        {
            // Flows were judged by what these addresses were before.
            epoch.Invalidate();
            Changed?.Invoke();
        }

        if (failure is not null && behind == 0)
        {
            LogBehind(inOrder.Count - written, failure);
        }

        var wasBehind = behind > 0;
        Volatile.Write(ref behind, inOrder.Count - written);
        if (wasBehind != behind > 0)
        {
            HealthChanged?.Invoke();
        }

        if (behind > 0 || desired.Waiting > 0)
        {
            owes.Set();
        }
    }

    /// <summary>Writes until all are written or the kernel refuses one.</summary>
    private (int Written, string? Failure) Write(List<PeerKey> keys)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            try
            {
                if (desired.Of(keys[i]) is { } value)
                {
                    map.Update(keys[i], value);
                }
                else
                {
                    map.Remove(keys[i]);
                }
            }
            catch (BpfException e)
            {
                return (i, e.Message);
            }
        }

        return (keys.Count, null);
    }

    [LoggerMessage(
        LogLevel.Error,
        "{Count} entries of the peers map cannot be written, which is tried again; pods without theirs are known only to be of the cluster: {Failure}"
    )]
    private partial void LogBehind(int count, string failure);

    [LoggerMessage(
        LogLevel.Warning,
        "Slices name the identity {Identity}, which is not known after 5 s: they are believed; is weft-operator running?"
    )]
    private partial void LogOverdue(uint identity);
}
