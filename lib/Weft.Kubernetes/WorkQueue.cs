using System.Threading.Channels;

namespace Weft.Kubernetes;

/// <summary>Keys to work on, each at most once at a time.</summary>
public sealed class WorkQueue<TKey>
    where TKey : notnull
{
    private readonly Channel<TKey> ready = Channel.CreateUnbounded<TKey>();
    private readonly Lock gate = new();
    private readonly HashSet<TKey> waiting = [];
    private readonly HashSet<TKey> working = [];
    private readonly Dictionary<TKey, int> failures = [];

    /// <summary>Keys that are waiting.</summary>
    public int Count => ready.Reader.Count;

    /// <summary>Adds a key, unless it waits already; one being worked on comes again after <see cref="Done"/>.</summary>
    public void Add(TKey key)
    {
        lock (gate)
        {
            if (waiting.Add(key) && !working.Contains(key))
            {
                ready.Writer.TryWrite(key);
            }
        }
    }

    /// <summary>Adds a key later.</summary>
    public void AddAfter(TKey key, TimeSpan delay) =>
        _ = Task.Delay(delay).ContinueWith(_ => Add(key), TaskScheduler.Default);

    /// <summary>Adds a key later, the later the more often it was added so since <see cref="Forget"/>.</summary>
    public void AddRateLimited(TKey key)
    {
        int failed;
        lock (gate)
        {
            failed = failures[key] = failures.GetValueOrDefault(key) + 1;
        }

        AddAfter(key, TimeSpan.FromMilliseconds(Math.Min(5 * Math.Pow(2, failed - 1), 30_000)));
    }

    /// <summary>The key's work succeeded.</summary>
    public void Forget(TKey key)
    {
        lock (gate)
        {
            failures.Remove(key);
        }
    }

    /// <summary>The next key; <see cref="Done"/> must follow.</summary>
    public async ValueTask<TKey> GetAsync(CancellationToken cancellation)
    {
        var key = await ready.Reader.ReadAsync(cancellation);
        lock (gate)
        {
            waiting.Remove(key);
            working.Add(key);
        }

        return key;
    }

    /// <summary>The key's work is over.</summary>
    public void Done(TKey key)
    {
        lock (gate)
        {
            working.Remove(key);
            if (waiting.Contains(key))
            {
                ready.Writer.TryWrite(key);
            }
        }
    }
}
