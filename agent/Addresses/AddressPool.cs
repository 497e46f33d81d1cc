using Weft.Net;

namespace Weft.Agent.Addresses;

/// <summary>
/// The addresses of one prefix. The first is the network's, the second the node's (the pods' gateway), the last of
/// IPv4 the broadcast's; pods get the others in turn, so that one is used again as late as possible, and never
/// before it has rested. Pure: it neither knows the time nor keeps anything on disk.
/// </summary>
internal sealed class AddressPool
{
    private static readonly UInt128 GatewayOffset = 1;
    private static readonly UInt128 FirstPodOffset = 2;
    private readonly Dictionary<Ip, DateTimeOffset> resting = [];
    private readonly HashSet<Ip> used = [];
    private readonly Ip first;
    private readonly Ip last;
    private Ip next;

    public AddressPool(Prefix prefix)
    {
        Prefix = prefix;
        Gateway = GatewayOf(prefix);
        first = prefix.First.Add(FirstPodOffset);
        last = prefix.IsV4 ? new Ip(prefix.Last.Value - 1) : prefix.Last;
        next = first;
    }

    /// <summary>The prefix.</summary>
    public Prefix Prefix { get; }

    /// <summary>The node's own address in it.</summary>
    public Ip Gateway { get; }

    /// <summary>True when the prefix was taken from the node: pods keep their addresses, and no pod gets one any more.</summary>
    public bool IsDraining { get; set; }

    /// <summary>The address a node has in a prefix of its pods.</summary>
    public static Ip GatewayOf(Prefix prefix) => prefix.First.Add(GatewayOffset);

    /// <summary>How many addresses pods can have; at most <see cref="long.MaxValue"/>.</summary>
    public long Capacity => (long)UInt128.Min(last.Value - first.Value + 1, long.MaxValue);

    /// <summary>How many they have.</summary>
    public int Used => used.Count;

    /// <summary>How many rest.</summary>
    public int Resting(DateTimeOffset now)
    {
        Wake(now);
        return resting.Count;
    }

    /// <summary>The next free address, or null when all are used or rest.</summary>
    public Ip? Take(DateTimeOffset now)
    {
        Wake(now);
        if (used.Count + resting.Count >= Capacity)
        {
            return null;
        }

        while (used.Contains(next) || resting.ContainsKey(next))
        {
            Advance();
        }

        var taken = next;
        used.Add(taken);
        Advance();
        return taken;
    }

    /// <summary>Takes this very address, resting or not; false when it is used or not a pod's to have.</summary>
    public bool TryTake(Ip address)
    {
        if (!IsPods(address) || !used.Add(address))
        {
            return false;
        }

        resting.Remove(address);
        return true;
    }

    /// <summary>Gives an address back; nobody else gets it before <paramref name="restsUntil"/>.</summary>
    public void Release(Ip address, DateTimeOffset restsUntil)
    {
        // One of before the prefix was changed is not the pool's to give, so it must not count as if it were.
        if (IsPods(address))
        {
            used.Remove(address);
            resting[address] = restsUntil;
        }
    }

    /// <summary>When the first of the resting addresses is free again, or null.</summary>
    public DateTimeOffset? NextFree() => resting.Count > 0 ? resting.Values.Min() : null;

    private bool IsPods(Ip address) => address.CompareTo(first) >= 0 && address.CompareTo(last) <= 0;

    private void Advance() => next = next.CompareTo(last) >= 0 ? first : next.Add(1);

    private void Wake(DateTimeOffset now)
    {
        if (resting.Count == 0)
        {
            return;
        }

        foreach (var (address, until) in resting)
        {
            if (until <= now)
            {
                resting.Remove(address);
            }
        }
    }
}
