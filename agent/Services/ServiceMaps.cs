using Weft.Bpf;
using Weft.Datapath;
using Weft.Net;
using Weft.Services;
using Weft.Services.Frontends;

namespace Weft.Agent.Services;

/// <summary>
/// The maps of Services. What a frontend needs is written first, then its entry for either side by one write each: a
/// program sees the old backends or the new ones. For one thread at a time.
/// </summary>
internal sealed class ServiceMaps
{
    private static readonly ServiceSide[] sides = [ServiceSide.Inside, ServiceSide.Outside];

    private readonly LoadedDatapath datapath;
    private readonly BpfMap<ServiceKey, ServiceValue> map;
    private readonly BackendLists lists;
    private readonly CountedKeys<ServiceSourceKey> sources;
    private readonly CountedKeys<NodePort> nodePorts;
    private readonly Dictionary<TransportAddress, WrittenFrontend> written = [];
    private readonly Dictionary<ServiceKey, ServiceValue> inherited;

    /// <summary>Reads what a former agent left. It stays until <see cref="RemoveStrays"/>.</summary>
    public ServiceMaps(LoadedDatapath datapath, TimeProvider time)
    {
        this.datapath = datapath;
        map = datapath.Services;
        lists = new BackendLists(datapath.Backends, time);
        sources = new CountedKeys<ServiceSourceKey>(datapath.ServiceSources);
        nodePorts = new CountedKeys<NodePort>(datapath.NodePorts);
        inherited = map.ToDictionary();
        WereEmpty = inherited.Count == 0;
        lists.Inherit();
    }

    /// <summary>Whether there was nothing of a former agent: the machine has started anew.</summary>
    public bool WereEmpty { get; }

    /// <summary>Empties them all: nobody serves Services any more.</summary>
    public static void Clear(LoadedDatapath datapath)
    {
        Clear(datapath.Services);
        Clear(datapath.NodePorts);
        Clear(datapath.ServiceSources);
        Clear(datapath.Backends);
    }

    /// <summary>Entries of the map services.</summary>
    public int Entries => (written.Count * sides.Length) + inherited.Count;

    /// <summary>The most entries of the map services.</summary>
    public uint EntriesCapacity => map.Capacity;

    /// <summary>Slots of the map backends.</summary>
    public long Slots => lists.Slots;

    /// <summary>The most slots of the map backends.</summary>
    public uint SlotsCapacity => lists.Capacity;

    /// <summary>When the next list may be removed; null when none rests.</summary>
    public TimeSpan? NextRemoval => lists.NextRemoval;

    /// <summary>The number that a former agent gave the port behind this frontend, or null.</summary>
    public uint? FormerNumber(TransportAddress frontend) =>
        inherited.TryGetValue(ServiceEntry.KeyOf(frontend, ServiceSide.Inside), out var value) && value.Number != 0
            ? value.Number
            : null;

    /// <summary>What the maps have of a frontend; null for nothing.</summary>
    public WrittenFrontend? Find(TransportAddress frontend) => written.GetValueOrDefault(frontend);

    /// <summary>Writes a frontend, in place of what there was.</summary>
    /// <param name="frontend">The frontend.</param>
    /// <param name="own">This node's addresses.</param>
    /// <returns>Null, or which map has no room for it: then it stays as it was.</returns>
    public string? TryWrite(Frontend frontend, IReadOnlyList<Ip> own)
    {
        var old = written.GetValueOrDefault(frontend.Key);
        var sourceKeys = ServiceEntry.SourcesOf(frontend);
        var ports = ServiceEntry.NodePortsOf(frontend);
        if (!sources.TryTake(sourceKeys))
        {
            return datapath.ServiceSources.Name;
        }

        if (!nodePorts.TryTake(ports))
        {
            sources.Release(sourceKeys);
            return datapath.NodePorts.Name;
        }

        var inside = Take(frontend, ServiceSide.Inside);
        var outside = inside is null ? null : Take(frontend, ServiceSide.Outside);
        if (inside is null || outside is null)
        {
            Release(inside, sourceKeys, ports);
            return datapath.Backends.Name;
        }

        var now = new WrittenFrontend(
            ServiceEntry.ValueOf(frontend, ServiceSide.Inside, inside, own),
            ServiceEntry.ValueOf(frontend, ServiceSide.Outside, outside, own),
            inside,
            outside,
            sourceKeys,
            ports
        );
        if (!TryPut(frontend.Key, now, old))
        {
            lists.Release(outside);
            Release(inside, sourceKeys, ports);
            return map.Name;
        }

        written[frontend.Key] = now;
        Release(old);
        return null;
    }

    /// <summary>Removes a frontend.</summary>
    public void Remove(TransportAddress frontend)
    {
        foreach (var side in sides)
        {
            Forget(frontend, side);
        }

        if (written.Remove(frontend, out var old))
        {
            Release(old);
        }
    }

    /// <summary>Every frontend there is has been written: what a former agent left beyond goes.</summary>
    public void RemoveStrays()
    {
        foreach (var stray in inherited.Keys)
        {
            map.Remove(stray);
        }

        inherited.Clear();
        lists.ReleaseInherited();
        sources.RemoveStrays();
        nodePorts.RemoveStrays();
    }

    /// <summary>Removes lists that nobody can be reading any more; true when that made room.</summary>
    public bool RemoveRested() => lists.RemoveRested();

    private WrittenList? Take(Frontend frontend, ServiceSide side) =>
        lists.Take(
            ServiceEntry.SelectionOf(frontend, side).Backends,
            inherited.TryGetValue(ServiceEntry.KeyOf(frontend.Key, side), out var former) ? former.List : null
        );

    /// <summary>Both sides' entries, or what was there before.</summary>
    private bool TryPut(TransportAddress frontend, WrittenFrontend now, WrittenFrontend? old)
    {
        var before = sides.Select(side => Before(frontend, side, old)).ToList();
        try
        {
            foreach (var (side, there) in sides.Zip(before))
            {
                if (there != now.For(side))
                {
                    map.Update(ServiceEntry.KeyOf(frontend, side), now.For(side));
                }
            }
        }
        catch (BpfException e) when (e.IsMapFull || e.IsOutOfMemory)
        {
            foreach (var (side, there) in sides.Zip(before))
            {
                Restore(ServiceEntry.KeyOf(frontend, side), there);
            }

            return false;
        }

        foreach (var side in sides)
        {
            inherited.Remove(ServiceEntry.KeyOf(frontend, side));
        }

        return true;
    }

    private ServiceValue? Before(TransportAddress frontend, ServiceSide side, WrittenFrontend? old) =>
        inherited.TryGetValue(ServiceEntry.KeyOf(frontend, side), out var there) ? there : old?.For(side);

    private void Restore(ServiceKey key, ServiceValue? old)
    {
        if (old is { } value)
        {
            map.Update(key, value);
        }
        else
        {
            map.Remove(key);
        }
    }

    private void Forget(TransportAddress frontend, ServiceSide side)
    {
        var key = ServiceEntry.KeyOf(frontend, side);
        map.Remove(key);
        inherited.Remove(key);
    }

    private void Release(WrittenFrontend? old)
    {
        if (old is not null)
        {
            lists.Release(old.OutsideList);
            Release(old.InsideList, old.Sources, old.NodePorts);
        }
    }

    private void Release(WrittenList? inside, IReadOnlyList<ServiceSourceKey> sourceKeys, IReadOnlyList<NodePort> ports)
    {
        if (inside is not null)
        {
            lists.Release(inside);
        }

        nodePorts.Release(ports);
        sources.Release(sourceKeys);
    }

    private static void Clear<TKey, TValue>(BpfMap<TKey, TValue> map)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        foreach (var key in map.ToDictionary().Keys)
        {
            map.Remove(key);
        }
    }
}
