using Weft.Contracts;
using Weft.Resources;

namespace Weft.Agent.Publishing;

/// <summary>
/// Which slice each of the node's pods is in. A pod stays where it is, and a new one goes to the first slice that has
/// room: a change touches one slice. Pure.
/// </summary>
internal sealed class SliceAssignment
{
    private readonly Dictionary<AttachmentId, int> places = [];
    private readonly SortedDictionary<int, Dictionary<AttachmentId, WeftEndpoint>> slices = [];
    private readonly Dictionary<string, int> before = [];

    /// <summary>Remembers where a slice of before a restart had its pods, by their first address.</summary>
    public void Adopt(int slice, IEnumerable<WeftEndpoint> endpoints)
    {
        slices.TryAdd(slice, []);
        foreach (var endpoint in endpoints.Where(endpoint => endpoint.Ips.Count > 0))
        {
            before[endpoint.Ips[0]] = slice;
        }
    }

    /// <summary>Takes the node's pods as they are now; returns the slices that are others than before.</summary>
    public IReadOnlyCollection<int> Update(IReadOnlyDictionary<AttachmentId, WeftEndpoint> now)
    {
        var touched = new SortedSet<int>();
        foreach (var id in places.Keys.Where(id => !now.ContainsKey(id)).ToList())
        {
            places.Remove(id, out var slice);
            slices[slice].Remove(id);
            touched.Add(slice);
        }

        foreach (var (id, endpoint) in now)
        {
            if (!places.TryGetValue(id, out var slice))
            {
                places[id] = slice = PlaceFor(endpoint);
            }
            else if (AreSame(slices[slice][id], endpoint))
            {
                continue;
            }

            slices[slice][id] = endpoint;
            touched.Add(slice);
        }

        return touched;
    }

    /// <summary>The pods of a slice, in an order that depends on them alone.</summary>
    public IReadOnlyList<WeftEndpoint> Endpoints(int slice) =>
        slices.TryGetValue(slice, out var endpoints)
            ? [.. endpoints.OrderBy(pair => pair.Value.Ips[0], StringComparer.Ordinal).Select(pair => pair.Value)]
            : [];

    /// <summary>Numbers of the slices there were so far.</summary>
    public IReadOnlyCollection<int> Slices => slices.Keys;

    private int PlaceFor(WeftEndpoint endpoint)
    {
        if (before.Remove(endpoint.Ips[0], out var adopted) && HasRoom(adopted))
        {
            return adopted;
        }

        var place = 0;
        while (!HasRoom(place))
        {
            place++;
        }

        return place;
    }

    private bool HasRoom(int slice)
    {
        if (!slices.TryGetValue(slice, out var endpoints))
        {
            slices[slice] = endpoints = [];
        }

        return endpoints.Count < WeftEndpointSlice.Capacity;
    }

    private static bool AreSame(WeftEndpoint a, WeftEndpoint b) =>
        a.Identity == b.Identity
        && a.Namespace == b.Namespace
        && a.Pod == b.Pod
        && a.Uid == b.Uid
        && a.Ips.SequenceEqual(b.Ips);
}
