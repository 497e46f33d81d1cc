using Weft.Agent.Endpoints;
using Weft.Contracts;
using Weft.Net;

namespace Weft.Agent.Addresses;

/// <summary>An address with the pool it came from.</summary>
internal readonly record struct PooledAddress(Ip Address, Ip Gateway);

/// <summary>
/// The node's pools: gives a pod one address of each family, all or none. Prefixes may come, and go: a pool whose prefix
/// is gone gives no address any more, and ends when its last one has come back and rested.
/// </summary>
/// <param name="podCidrs">The first prefixes, disjoint.</param>
/// <param name="coolDown">How long a released address rests.</param>
/// <param name="time">Tells when it has.</param>
/// <param name="keepForeign">
/// True to keep, over a restart, a pod whose address is in no pool: its prefix may yet be learned, or is being drained.
/// </param>
internal sealed class NodePools(
    IEnumerable<Prefix> podCidrs,
    TimeSpan coolDown,
    TimeProvider time,
    bool keepForeign = false
)
{
    private readonly Lock gate = new();
    private readonly HashSet<Ip> foreign = [];
    private readonly List<AddressPool> pools = [.. podCidrs.Select(prefix => new AddressPool(prefix))];

    /// <summary>The prefix of each pool, those that are drained too.</summary>
    public IReadOnlyList<Prefix> Prefixes
    {
        get
        {
            lock (gate)
            {
                return [.. pools.Select(pool => pool.Prefix)];
            }
        }
    }

    /// <summary>Whether a pool is being drained.</summary>
    public bool IsDraining
    {
        get
        {
            lock (gate)
            {
                return pools.Exists(pool => pool.IsDraining);
            }
        }
    }

    /// <summary>
    /// What <see cref="Prefixes"/> would be after a <see cref="Change"/>: those that are there and those that come. One
    /// that overlaps a pool which is still being drained waits for its end.
    /// </summary>
    public IReadOnlyList<Prefix> With(IReadOnlyList<Prefix> wanted)
    {
        var prefixes = Prefixes.ToList();
        prefixes.AddRange(wanted.Where(prefix => !prefixes.Exists(prefix.Overlaps)));
        return prefixes;
    }

    /// <summary>Takes up new prefixes, drains those that are gone, and ends the drained ones that are empty.</summary>
    public void Change(IReadOnlyList<Prefix> wanted)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            pools.RemoveAll(pool => !wanted.Contains(pool.Prefix) && pool.Used == 0 && pool.Resting(now) == 0);
            foreach (var prefix in wanted.Where(prefix => !pools.Exists(pool => pool.Prefix.Overlaps(prefix))))
            {
                var pool = new AddressPool(prefix);
                foreign.RemoveWhere(pool.TryTake);
                pools.Add(pool);
            }

            foreach (var pool in pools)
            {
                pool.IsDraining = !wanted.Contains(pool.Prefix);
            }
        }
    }

    /// <summary>Takes an address of each family, the wished ones where there are any.</summary>
    /// <exception cref="RequestException">A pool is empty, or a wished address cannot be had.</exception>
    public IReadOnlyList<PooledAddress> Take(IReadOnlyList<Ip> wishes)
    {
        lock (gate)
        {
            var taken = new List<PooledAddress>();
            try
            {
                foreach (var wish in wishes)
                {
                    taken.Add(TakeWish(wish, taken));
                }

                var families = pools.Where(pool => !pool.IsDraining).Select(pool => pool.Prefix.IsV4).ToHashSet();
                if (families.Count == 0)
                {
                    throw new RequestException(
                        CniErrorCode.TryAgainLater,
                        "this node has no pod CIDR yet; the WeftNode of its name gets them from weft-operator"
                    );
                }

                foreach (var family in families)
                {
                    if (!taken.Exists(address => address.Address.IsV4 == family))
                    {
                        taken.Add(TakeAny(family));
                    }
                }

                return taken;
            }
            catch
            {
                foreach (var address in taken)
                {
                    PoolOf(address.Address)!.Release(address.Address, time.GetUtcNow());
                }

                throw;
            }
        }
    }

    /// <summary>Takes up again what a pod had before a restart; false when it is not ours any more.</summary>
    public bool Restore(Ip address)
    {
        lock (gate)
        {
            return PoolOf(address) is { } pool ? pool.TryTake(address) : keepForeign && foreign.Add(address);
        }
    }

    /// <summary>Gives an address back; returns when another pod may have it.</summary>
    public DateTimeOffset Release(Ip address) => Rest(address, time.GetUtcNow() + coolDown);

    /// <summary>Gives back an address that no packet was ever sent from.</summary>
    public void ReleaseUnused(Ip address) => Rest(address, time.GetUtcNow());

    /// <summary>Lets an address rest until then, as decided before a restart.</summary>
    public DateTimeOffset Rest(Ip address, DateTimeOffset until)
    {
        lock (gate)
        {
            foreign.Remove(address);
            PoolOf(address)?.Release(address, until);
            return until;
        }
    }

    /// <summary>Use of each pool.</summary>
    public IReadOnlyList<PoolState> State()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            return
            [
                .. pools.Select(pool => new PoolState(
                    pool.Prefix.ToString(),
                    pool.Used,
                    pool.Resting(now),
                    pool.Capacity,
                    pool.IsDraining
                )),
            ];
        }
    }

    private PooledAddress TakeWish(Ip wish, List<PooledAddress> taken)
    {
        if (taken.Exists(address => address.Address.IsV4 == wish.IsV4))
        {
            throw new RequestException(
                CniErrorCode.AddressUnavailable,
                $"two addresses of one family are asked for, the second is {wish}; ask for one of each at most"
            );
        }

        var pool =
            PoolOf(wish)
            ?? throw new RequestException(
                CniErrorCode.AddressUnavailable,
                $"the requested address {wish} is in none of this node's pools "
                    + $"({string.Join(", ", pools.Select(p => p.Prefix))})"
            );
        return !pool.IsDraining && pool.TryTake(wish)
            ? new PooledAddress(wish, pool.Gateway)
            : throw new RequestException(
                CniErrorCode.AddressUnavailable,
                $"the requested address {wish} is in use or reserved; ask for another one of {pool.Prefix}"
            );
    }

    private PooledAddress TakeAny(bool v4)
    {
        var now = time.GetUtcNow();
        var family = pools.Where(pool => pool.Prefix.IsV4 == v4 && !pool.IsDraining).ToList();
        foreach (var pool in family)
        {
            if (pool.Take(now) is { } address)
            {
                return new PooledAddress(address, pool.Gateway);
            }
        }

        var free = family.Select(pool => pool.NextFree()).Where(time => time is not null).Min();
        throw new RequestException(
            CniErrorCode.TryAgainLater,
            $"all addresses of {string.Join(", ", family.Select(pool => pool.Prefix))} are in use"
                + (free is null ? "" : $"; the next one is free in {(free.Value - now).TotalSeconds:F0} s")
        );
    }

    private AddressPool? PoolOf(Ip address) => pools.Find(pool => pool.Prefix.Contains(address));
}
