using Weft.Agent.Policy;
using Weft.Bpf;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Agent.Endpoints;

/// <summary>
/// The map endpoints: this node's pods by address, each with the word of its policies. All writes of it come through
/// here, so that a pod that comes or changes its identity is either before a change of policies or after it.
/// </summary>
internal sealed class EndpointsMap(BpfMap<MapAddress, EndpointValue> map, Epoch epoch)
{
    private readonly Dictionary<AttachmentId, (Endpoint Endpoint, PolicyWord Word)> pods = [];
    private Func<Endpoint, PolicyWord?, PolicyWord> wordOf = (_, _) => default;

    /// <summary>Held while words are worked out and written.</summary>
    public Lock Gate { get; } = new();

    /// <summary>A pod came, changed or went.</summary>
    public event Action? Changed;

    /// <summary>The pods in the map, with the words in force.</summary>
    public IReadOnlyCollection<(Endpoint Endpoint, PolicyWord Word)> Pods
    {
        get
        {
            lock (Gate)
            {
                return [.. pods.Values];
            }
        }
    }

    /// <summary>Says what policies make of a pod, given the word in force for it, if there is one. Until then, nothing.</summary>
    public void Follow(Func<Endpoint, PolicyWord?, PolicyWord> policy) => wordOf = policy;

    /// <summary>Writes a pod as it is now, under its policies. What was judged by what it was before is void.</summary>
    public void Put(Endpoint endpoint)
    {
        lock (Gate)
        {
            var keys = KeysOf(endpoint);
            PolicyWord? present = map.TryLookup(keys[0], out var before) ? before.Policy[epoch.Current] : null;
            var word = wordOf(endpoint, present);
            var value = new EndpointValue
            {
                IfIndex = (uint)endpoint.HostIfIndex,
                Mac = MapMac.From(MacAddress.Parse(endpoint.Attachment.Mac)),
                Identity = endpoint.Identity,
                Policy = PolicyWords.Both(word),
            };
            foreach (var key in keys)
            {
                map.Update(key, value);
            }

            pods[endpoint.Id] = (endpoint, word);
            if (present is not null)
            {
                epoch.Invalidate();
            }
        }

        Changed?.Invoke();
    }

    /// <summary>Takes a pod out. Its addresses may be another's next, who must not inherit its flows' verdicts.</summary>
    public void Remove(Endpoint endpoint)
    {
        lock (Gate)
        {
            pods.Remove(endpoint.Id);
            Remove(KeysOf(endpoint));
        }

        Changed?.Invoke();
    }

    /// <summary>Takes out what no pod has that was put.</summary>
    public void RemoveOthers()
    {
        lock (Gate)
        {
            var known = pods.Values.SelectMany(pod => KeysOf(pod.Endpoint)).ToHashSet();
            Remove(map.ToDictionary().Keys.Where(key => !known.Contains(key)));
        }
    }

    /// <summary>The sets that the map's words name, in force or not.</summary>
    public IReadOnlySet<uint> NumbersInMap()
    {
        var numbers = new HashSet<uint>();
        map.Walk(
            (_, value) =>
            {
                numbers.Add(value.Policy[0].Set);
                numbers.Add(value.Policy[1].Set);
            }
        );
        return numbers;
    }

    /// <summary>
    /// Asks for all pods' words anew and puts them in force at once: first the words of the other epoch, which nobody
    /// reads, then the epoch.
    /// </summary>
    /// <returns>How many have changed; with none, nothing is written.</returns>
    public int Switch()
    {
        lock (Gate)
        {
            var next = pods.Values.Select(pod => (pod.Endpoint, Word: wordOf(pod.Endpoint, pod.Word))).ToList();
            var changed = next.Count(pod => pod.Word != pods[pod.Endpoint.Id].Word);
            if (changed == 0)
            {
                return 0;
            }

            var other = epoch.Current + 1;
            foreach (var (endpoint, word) in next)
            {
                foreach (var key in KeysOf(endpoint))
                {
                    if (map.TryLookup(key, out var value))
                    {
                        value.Policy[other] = word;
                        map.Update(key, value);
                    }
                }
            }

            epoch.Switch();
            foreach (var (endpoint, word) in next)
            {
                pods[endpoint.Id] = (endpoint, word);
            }

            return changed;
        }
    }

    private void Remove(IEnumerable<MapAddress> keys)
    {
        var removed = false;
        foreach (var key in keys)
        {
            removed |= map.Remove(key);
        }

        if (removed)
        {
            epoch.Invalidate();
        }
    }

    private static List<MapAddress> KeysOf(Endpoint endpoint) => [.. endpoint.Ips.Select(MapAddress.From)];
}
