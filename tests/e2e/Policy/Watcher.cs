using System.Collections.Concurrent;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>Loops in pods, each on a thread of its own, that say what they see go wrong.</summary>
internal sealed class Watcher : IDisposable
{
    private readonly List<Thread> threads = [];
    private readonly ConcurrentQueue<string> wrong = [];
    private long rounds;
    private volatile bool stopping;

    /// <summary>How often any loop has gone round.</summary>
    public long Rounds => Interlocked.Read(ref rounds);

    /// <summary>What went wrong, the first first.</summary>
    public IReadOnlyCollection<string> Wrong => wrong;

    /// <summary>Goes round inside of the pod until stopped. A round returns what is wrong, or null.</summary>
    public void Watch(PolicyPod inside, Func<string?> round) => Start(() => inside.Network.Run(() => Loop(round)));

    public void Stop()
    {
        stopping = true;
        threads.ForEach(thread => thread.Join());
        threads.Clear();
    }

    public void Dispose() => Stop();

    private void Start(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        threads.Add(thread);
        thread.Start();
    }

    private void Loop(Func<string?> round)
    {
        while (!stopping)
        {
            if (round() is { } problem)
            {
                wrong.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {problem}");
            }

            Interlocked.Increment(ref rounds);
            // The changes need some of the machine too.
            Thread.Sleep(1);
        }
    }
}
