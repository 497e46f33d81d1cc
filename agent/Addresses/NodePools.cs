using Weft.Agent.Endpoints;
using Weft.Contracts;
using Weft.Net;

namespace Weft.Agent.Addresses;

/// <summary>An address with the pool it came from.</summary>
internal readonly record struct PooledAddress(Ip Address, Ip Gateway);

/// <summary>The node's pools: gives a pod one address of each family, all or none.</summary>
internal sealed class NodePools(IEnumerable<Prefix> podCidrs, TimeSpan coolDown, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly List<AddressPool> pools = [.. podCidrs.Select(prefix => new AddressPool(prefix))];

    /// <summary>The node's own address in each pool.</summary>
    public IReadOnlyList<Ip> Gateways => [.. pools.Select(pool => pool.Gateway)];

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

                foreach (var family in pools.Select(pool => pool.Prefix.IsV4).Distinct())
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
            return PoolOf(address)?.TryTake(address) ?? false;
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
                    pool.Capacity
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
        return pool.TryTake(wish)
            ? new PooledAddress(wish, pool.Gateway)
            : throw new RequestException(
                CniErrorCode.AddressUnavailable,
                $"the requested address {wish} is in use or reserved; ask for another one of {pool.Prefix}"
            );
    }

    private PooledAddress TakeAny(bool v4)
    {
        var now = time.GetUtcNow();
        foreach (var pool in pools)
        {
            if (pool.Prefix.IsV4 == v4 && pool.Take(now) is { } address)
            {
                return new PooledAddress(address, pool.Gateway);
            }
        }

        var family = pools.Where(pool => pool.Prefix.IsV4 == v4).ToList();
        var free = family.Select(pool => pool.NextFree()).Where(time => time is not null).Min();
        throw new RequestException(
            CniErrorCode.TryAgainLater,
            $"all addresses of {string.Join(", ", family.Select(pool => pool.Prefix))} are in use"
                + (free is null ? "" : $"; the next one is free in {(free.Value - now).TotalSeconds:F0} s")
        );
    }

    private AddressPool? PoolOf(Ip address) => pools.Find(pool => pool.Prefix.Contains(address));
}
