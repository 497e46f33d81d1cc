using System.Runtime.InteropServices;
using Weft.Datapath;
using Weft.Net;
using Weft.Resources;

namespace Weft.Agent.Peers;

/// <summary>
/// What the peers map must hold: the entries of the node's plan, and an entry for each pod that the other nodes' slices
/// name. Pure, and incremental: a change notes the keys it touches, and no others are looked at.
/// </summary>
/// <remarks>
/// An address that several slices claim is the first one's, by name. An address whose identity is not known yet keeps
/// the one it had, so that no packet is judged by a number that no policy has been worked out for; at most for
/// <see cref="Patience"/>, after which the slice is believed.
/// </remarks>
internal sealed class DesiredPeers(string ownNode)
{
    /// <summary>How long an identity that a slice names may stay unknown.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const uint WholeAddress = 128;
    private readonly Dictionary<string, Slice> slices = [];
    private readonly Dictionary<Ip, Claim> claims = [];
    private readonly Dictionary<Ip, List<Claim>> contested = [];
    private readonly Dictionary<uint, Wait> waiting = [];
    private readonly HashSet<Ip> named = [];
    private HashSet<PeerKey> dirty = [];
    private IReadOnlyDictionary<PeerKey, PeerValue> nodes = new Dictionary<PeerKey, PeerValue>();
    private IReadOnlyDictionary<string, PeerWay> ways = new Dictionary<string, PeerWay>();
    private Func<uint, bool> isKnown = _ => true;

    /// <summary>How many slices of other nodes there are.</summary>
    public int Slices => slices.Count;

    /// <summary>How many addresses of pods they name.</summary>
    public int Addresses => claims.Count;

    /// <summary>How many identities are waited for.</summary>
    public int Waiting => waiting.Count;

    /// <summary>The identities that addresses have, those of before that they keep for the moment among them.</summary>
    public IReadOnlySet<uint> Identities() =>
        claims.Values.Where(claim => claim.Used != 0).Select(claim => claim.Used).ToHashSet();

    /// <summary>The addresses of each identity.</summary>
    public ILookup<uint, Ip> ByIdentity() => claims.ToLookup(claim => claim.Value.Used, claim => claim.Key);

    /// <summary>What the map must hold under the key, or null for nothing.</summary>
    public PeerValue? Of(PeerKey key)
    {
        if (nodes.TryGetValue(key, out var node))
        {
            return node;
        }

        return
            key.PrefixLength == WholeAddress
            && key.Address.ToIp() is var address
            && claims.TryGetValue(address, out var claim)
            && claim.Used != 0
            && ways.TryGetValue(claim.Slice.Node, out var way)
            ? way.To(address, claim.Used)
            : null;
    }

    /// <summary>True for the entry of a single pod.</summary>
    public bool IsPod(PeerKey key) => !nodes.ContainsKey(key);

    /// <summary>Every key the map must hold, some perhaps twice.</summary>
    public IEnumerable<PeerKey> Keys() => nodes.Keys.Concat(claims.Keys.Select(KeyOf));

    /// <summary>The keys touched since the last time, which forgets them.</summary>
    public IReadOnlyCollection<PeerKey> TakeDirty()
    {
        var taken = dirty;
        dirty = [];
        return taken;
    }

    /// <summary>Has these keys looked at again.</summary>
    public void Touch(IEnumerable<PeerKey> keys) => dirty.UnionWith(keys);

    /// <summary>Takes a new plan of nodes.</summary>
    public void SetNodes(IReadOnlyDictionary<PeerKey, PeerValue> plan, IReadOnlyDictionary<string, PeerWay> planned)
    {
        dirty.UnionWith(nodes.Keys.Where(key => !plan.ContainsKey(key)));
        dirty.UnionWith(
            plan.Where(entry => !nodes.TryGetValue(entry.Key, out var old) || old != entry.Value).Select(e => e.Key)
        );
        var moved = ways
            .Keys.Union(planned.Keys)
            .Where(node => ways.GetValueOrDefault(node) != planned.GetValueOrDefault(node))
            .ToHashSet();
        foreach (var slice in slices.Values.Where(slice => moved.Contains(slice.Node)))
        {
            foreach (var endpoint in slice.Endpoints)
            {
                Touch(endpoint);
            }
        }

        nodes = plan;
        ways = planned;
    }

    /// <summary>Takes a slice as it is now.</summary>
    public void SetSlice(string name, string node, IReadOnlyList<RemoteEndpoint> endpoints, DateTimeOffset now)
    {
        // This node's own pods are in another map.
        if (node == ownNode)
        {
            RemoveSlice(name, now);
            return;
        }

        if (!slices.TryGetValue(name, out var slice) || slice.Node != node)
        {
            RemoveSlice(name, now);
            slices[name] = slice = new Slice(name, node);
        }

        named.Clear();
        foreach (var endpoint in endpoints)
        {
            named.Add(endpoint.First);
            named.Add(endpoint.Second);
        }

        var before = slice.Endpoints;
        slice.Endpoints = endpoints;
        foreach (var endpoint in before)
        {
            RemoveUnnamed(endpoint.First, slice, now);
            RemoveUnnamed(endpoint.Second, slice, now);
        }

        foreach (var endpoint in endpoints)
        {
            Put(endpoint.First, new Claim(slice, endpoint.Identity), now);
            Put(endpoint.Second, new Claim(slice, endpoint.Identity), now);
        }
    }

    /// <summary>Forgets a slice that is gone.</summary>
    public void RemoveSlice(string name, DateTimeOffset now)
    {
        if (slices.Remove(name, out var slice))
        {
            named.Clear();
            foreach (var endpoint in slice.Endpoints)
            {
                RemoveUnnamed(endpoint.First, slice, now);
                RemoveUnnamed(endpoint.Second, slice, now);
            }
        }
    }

    /// <summary>Says which identities are known. Until then, all are.</summary>
    public void SetKnown(Func<uint, bool> known)
    {
        isKnown = known;
        foreach (var identity in waiting.Keys.Where(known).ToList())
        {
            Known(identity);
        }
    }

    /// <summary>The identity is known from now on.</summary>
    public void Known(uint identity)
    {
        if (waiting.Remove(identity, out var wait))
        {
            foreach (var address in wait.Addresses)
            {
                if (claims.TryGetValue(address, out var claim) && claim.Wanted == identity)
                {
                    claims[address] = claim with { Used = identity };
                    dirty.Add(KeyOf(address));
                }
            }
        }
    }

    /// <summary>Believes the slices whose identity was waited for long enough; returns those identities.</summary>
    public IReadOnlyList<uint> Overdue(DateTimeOffset now)
    {
        List<uint> overdue = [.. waiting.Where(wait => wait.Value.Since + Patience <= now).Select(wait => wait.Key)];
        overdue.ForEach(Known);
        return overdue;
    }

    private void Put(Ip address, Claim claim, DateTimeOffset now)
    {
        if (address == RemoteEndpoint.None)
        {
            return;
        }

        if (!claims.TryGetValue(address, out var present))
        {
            Win(address, claim, 0, now);
            return;
        }

        if (present.Slice == claim.Slice)
        {
            if (present.Wanted != claim.Wanted)
            {
                Win(address, claim, present.Used, now);
            }

            return;
        }

        Unlist(address, claim.Slice);
        if (string.CompareOrdinal(claim.Slice.Name, present.Slice.Name) < 0)
        {
            Lose(address, present);
            Win(address, claim, present.Used, now);
        }
        else
        {
            Lose(address, claim);
        }
    }

    private void Win(Ip address, Claim claim, uint used, DateTimeOffset now)
    {
        var known = claim.Wanted < WeftIdentitySpec.FirstId || isKnown(claim.Wanted);
        claims[address] = claim with { Used = known ? claim.Wanted : used };
        dirty.Add(KeyOf(address));
        if (!known)
        {
            ref var wait = ref CollectionsMarshal.GetValueRefOrAddDefault(waiting, claim.Wanted, out _);
            wait ??= new Wait(now, []);
            wait.Addresses.Add(address);
        }
    }

    private void RemoveUnnamed(Ip address, Slice slice, DateTimeOffset now)
    {
        if (named.Contains(address) || !claims.TryGetValue(address, out var present))
        {
            return;
        }

        if (present.Slice != slice)
        {
            Unlist(address, slice);
            return;
        }

        dirty.Add(KeyOf(address));
        claims.Remove(address);
        if (contested.TryGetValue(address, out var losers))
        {
            var next = losers.MinBy(claim => claim.Slice.Name, StringComparer.Ordinal);
            Unlist(address, next.Slice);
            Win(address, next, present.Used, now);
        }
    }

    private void Lose(Ip address, Claim claim)
    {
        ref var losers = ref CollectionsMarshal.GetValueRefOrAddDefault(contested, address, out _);
        (losers ??= []).Add(claim);
    }

    private void Unlist(Ip address, Slice slice)
    {
        if (contested.TryGetValue(address, out var losers))
        {
            losers.RemoveAll(claim => claim.Slice == slice);
            if (losers.Count == 0)
            {
                contested.Remove(address);
            }
        }
    }

    private void Touch(RemoteEndpoint endpoint)
    {
        dirty.Add(KeyOf(endpoint.First));
        if (endpoint.Second != RemoteEndpoint.None)
        {
            dirty.Add(KeyOf(endpoint.Second));
        }
    }

    private static PeerKey KeyOf(Ip address) =>
        new() { PrefixLength = WholeAddress, Address = MapAddress.From(address) };

    private sealed class Slice(string name, string node)
    {
        public string Name => name;

        public string Node => node;

        public IReadOnlyList<RemoteEndpoint> Endpoints { get; set; } = [];
    }

    /// <summary>What a slice says of an address, and the identity that is used meanwhile; 0 for none.</summary>
    private readonly record struct Claim(Slice Slice, uint Wanted, uint Used = 0);

    private sealed record Wait(DateTimeOffset Since, HashSet<Ip> Addresses);
}
