using System.Threading.Channels;

namespace Weft.Kubernetes;

/// <summary>
/// Keys to work on, with client-go's semantics: a key that waits is not added twice, a key is never worked on by two at
/// once, and one that is added while it is worked on comes again afterwards. So it is never longer than there are keys.
/// </summary>
/// <remarks>client-go's limit of all retries together (10/s) is left out: the client's own limits come after it.</remarks>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private static readonly TimeSpan DefaultFirstDelay = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan DefaultLongestDelay = TimeSpan.FromSeconds(1000);

    private readonly TimeSpan firstDelay;
    private readonly TimeSpan longestDelay;
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly Channel<TKey> ready = Channel.CreateUnbounded<TKey>();

    // Added and not taken yet; those also in working are not in the channel until they are done.
    private readonly HashSet<TKey> waiting = [];
    private readonly HashSet<TKey> working = [];
    private readonly Dictionary<TKey, int> failures = [];

    // Each key has one time in due; entries of delayed that do not agree with it are outdated.
    private readonly Dictionary<TKey, DateTimeOffset> due = [];
    private readonly PriorityQueue<TKey, DateTimeOffset> delayed = new();

    /// <param name="firstDelay">After a key's first failure; 5 ms by default. It doubles with each further one.</param>
    /// <param name="longestDelay">Longest delay; 1000 s by default.</param>
    /// <param name="time">Clock and timers.</param>
    public WorkQueue(TimeSpan? firstDelay = null, TimeSpan? longestDelay = null, TimeProvider? time = null)
    {
        this.firstDelay = firstDelay ?? DefaultFirstDelay;
        this.longestDelay = longestDelay ?? DefaultLongestDelay;
        this.time = time ?? TimeProvider.System;
        timer = this.time.CreateTimer(_ => AddDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keys that wait to be taken, without those whose time has not come.</summary>
    public int Count => ready.Reader.Count;

    /// <summary>Adds a key, unless it waits already.</summary>
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

    /// <summary>Adds a key later; of several times for one key, the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        lock (gate)
        {
            var at = time.GetUtcNow() + delay;
            if (!due.TryGetValue(key, out var earlier) || at < earlier)
            {
                due[key] = at;
                delayed.Enqueue(key, at);
                SetTimer();
            }
        }
    }

    /// <summary>Adds a key whose work failed, the later the more often it failed since <see cref="Forget"/>.</summary>
    public void AddRateLimited(TKey key)
    {
        int before;
        lock (gate)
        {
            before = failures.GetValueOrDefault(key);
            failures[key] = before + 1;
        }

        AddAfter(key, TimeSpan.FromTicks((long)Math.Min(firstDelay.Ticks * Math.Pow(2, before), longestDelay.Ticks)));
    }

    /// <summary>The key's work succeeded, or will not be tried again: its failures do not count any more.</summary>
    public void Forget(TKey key)
    {
        lock (gate)
        {
            failures.Remove(key);
        }
    }

    /// <summary>How often the key failed since <see cref="Forget"/>.</summary>
    public int Failures(TKey key)
    {
        lock (gate)
        {
            return failures.GetValueOrDefault(key);
        }
    }

    /// <summary>The next key, as soon as there is one; <see cref="Done"/> must follow.</summary>
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

    /// <summary>The key's work is over, well or not.</summary>
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

    /// <summary>No key comes late any more.</summary>
    public void Dispose() => timer.Dispose();

    private void AddDue()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (delayed.TryPeek(out var key, out var at) && (at <= now || IsOutdated(key, at)))
            {
                delayed.Dequeue();
                if (!IsOutdated(key, at))
                {
                    due.Remove(key);
                    Add(key);
                }
            }

            SetTimer();
        }
    }

    private bool IsOutdated(TKey key, DateTimeOffset at) => !due.TryGetValue(key, out var current) || current != at;

    private void SetTimer()
    {
        if (delayed.TryPeek(out _, out var at))
        {
            var wait = at - time.GetUtcNow();
            timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
