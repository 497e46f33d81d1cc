using System.Globalization;
using System.Net;

namespace Weft.Tests.Unit.Kubernetes;

/// <summary>
/// A server whose objects change as it is asked, and that answers with every fault there is as often as it answers well.
/// After <see cref="Settle"/> it changes and fails no more.
/// </summary>
internal sealed class ServerHistory(int seed)
{
    private const int Names = 12;
    private const int MostChanges = 150;

    private readonly Random random = new(seed);
    private readonly Lock gate = new();
    private readonly List<(long Version, string Type, string Name, string Json)> history = [];
    private readonly Dictionary<string, string> uids = [];

    // The state at each version that is still kept.
    private readonly SortedDictionary<long, Dictionary<string, string>> states = new() { [1] = [] };
    private long version = 1;
    private long compacted = 1;
    private bool settled;

    public long Version
    {
        get
        {
            lock (gate)
            {
                return version;
            }
        }
    }

    public bool IsOver => Version > MostChanges;

    public IReadOnlyDictionary<string, string> State
    {
        get
        {
            lock (gate)
            {
                return states[version];
            }
        }
    }

    public void Settle()
    {
        lock (gate)
        {
            settled = true;
        }
    }

    public Task AnswerAsync(Exchange x) => x.IsWatch ? WatchAsync(x) : ListAsync(x);

    private async Task ListAsync(Exchange x)
    {
        Change();
        switch (Fault(8))
        {
            case 0:
                await x.RefuseAsync(429, "TooManyRequests", "busy", "Retry-After: 0");
                return;
            case 1:
                await x.RefuseAsync(500, "InternalError");
                return;
            case 2:
                await x.AnswerAsync(200, "garbage");
                return;
            case 3:
                await x.BeginAsync();
                await x.SendAsync("""{"metadata":{"resourceVersion":"999999"},"items":[""");
                x.Cut();
                return;
        }

        string? answer;
        lock (gate)
        {
            // A page token has the version of its list and where it goes on.
            var token = x.Query("continue")?.Split(':').Select(long.Parse).ToArray();
            var at = token?[0] ?? version;
            var from = (int)(token?[1] ?? 0);
            answer = at < compacted ? null : Page(at, from, x.Query("limit") is not null ? 3 : int.MaxValue);
        }

        await (answer is null ? x.RefuseAsync(410, "Expired") : x.AnswerAsync(200, answer));
    }

    private string Page(long at, int from, int size)
    {
        var items = states[at].OrderBy(entry => entry.Key, StringComparer.Ordinal).Skip(from).ToList();
        var next = items.Count > size ? string.Create(CultureInfo.InvariantCulture, $"{at}:{from + size}") : null;
        return Clients.List(at, next, items.Take(size).Select(entry => entry.Value));
    }

    private async Task WatchAsync(Exchange x)
    {
        var from = long.Parse(x.Query("resourceVersion")!, CultureInfo.InvariantCulture);
        switch (Fault(10))
        {
            case 0:
                await x.RefuseAsync(503, "ServiceUnavailable");
                return;
            case 1:
                x.Cut();
                return;
            case 2:
                await x.BeginAsync();
                await x.SendAsync(Clients.Event("ERROR", Exchange.StatusJson(500, "InternalError")));
                return;
        }

        if (from < compacted)
        {
            if (Fault(2) == 0)
            {
                await x.RefuseAsync((int)HttpStatusCode.Gone, "Expired");
                return;
            }

            await x.BeginAsync();
            await x.SendAsync(Clients.Event("ERROR", Exchange.StatusJson(410, "Gone")));
            await x.EndAsync();
            return;
        }

        await x.BeginAsync();
        for (var round = 0; round < 4; round++)
        {
            Change();
            List<(long Version, string Type, string Name, string Json)>? news;
            lock (gate)
            {
                news = from < compacted ? null : [.. history.Where(entry => entry.Version > from)];
            }

            if (news is null)
            {
                // Too slow a watcher: what it has not seen is gone.
                await x.SendAsync(Clients.Event("ERROR", Exchange.StatusJson(410, "Expired")));
                return;
            }

            foreach (var entry in news)
            {
                var line = Clients.Event(entry.Type, entry.Json);
                switch (Fault(25))
                {
                    case 0:
                        await x.SendAsync(line[..(line.Length / 2)]);
                        x.Cut();
                        return;
                    case 1:
                        await x.SendAsync("{\"type\":\"ADDED\",\"object\":[]}\n" + line);
                        return;
                    case 2:
                        await x.SendAsync(line[..(line.Length / 2)]);
                        await x.EndAsync();
                        return;
                    case 3:
                        await x.SendAsync(
                            Clients.Event("ADDED", """{"metadata":{"resourceVersion":"999999"}}""") + line
                        );
                        return;
                }

                // One event in pieces, as a network may have it.
                await x.SendAsync(line[..7]);
                await x.SendAsync(line[7..]);
                from = entry.Version;
            }
        }

        await x.SendAsync(Clients.Bookmark(from));
        await x.EndAsync();
    }

    /// <summary>A fault's number, or anything else when all is to go well.</summary>
    private int Fault(int outOf)
    {
        lock (gate)
        {
            return settled ? -1 : random.Next(outOf);
        }
    }

    private void Change()
    {
        lock (gate)
        {
            for (var changes = settled || version > MostChanges ? 0 : random.Next(6); changes > 0; changes--)
            {
                ChangeOne();
            }

            if (!settled && random.Next(6) == 0)
            {
                compacted = version - random.Next(3);
                history.RemoveAll(entry => entry.Version <= compacted);
            }
        }
    }

    private void ChangeOne()
    {
        var name = $"o{random.Next(Names)}";
        var state = new Dictionary<string, string>(states[version]);
        version++;
        var there = state.ContainsKey(name);
        if (!there)
        {
            uids[name] = $"{name}-{version}";
        }

        var json = Clients.ConfigMap(name, version, uids[name]);
        var type =
            !there ? "ADDED"
            : random.Next(3) == 0 ? "DELETED"
            : "MODIFIED";
        if (type == "DELETED")
        {
            state.Remove(name);
        }
        else
        {
            state[name] = json;
        }

        states[version] = state;
        history.Add((version, type, name, json));
    }
}
