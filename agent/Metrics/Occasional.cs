namespace Weft.Agent.Metrics;

/// <summary>
/// What is costly to read, such as a map's entries one by one, and not read more often than this however often somebody
/// asks. Who asks in between gets what was read last.
/// </summary>
internal sealed class Occasional<T>(TimeSpan atMostEvery, Func<T> read, TimeProvider time)
    where T : class
{
    private readonly Lock gate = new();
    private T? last;
    private long at;

    public T Read()
    {
        lock (gate)
        {
            if (last is null || time.GetElapsedTime(at) >= atMostEvery)
            {
                last = read();
                at = time.GetTimestamp();
            }

            return last;
        }
    }
}
