using Weft.Bpf;

namespace Weft.Agent.Services;

/// <summary>
/// A map that is a set, whose keys several frontends may have: a key is there as long as one has it. For one thread at a
/// time.
/// </summary>
internal sealed class CountedKeys<TKey>(BpfMap<TKey, byte> map)
    where TKey : unmanaged
{
    private readonly Dictionary<TKey, int> uses = [];

    /// <summary>All of these keys are there, for one frontend more; or none, when the map has no room.</summary>
    public bool TryTake(IReadOnlyList<TKey> keys)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            if (!TryTake(keys[i]))
            {
                Release([.. keys.Take(i)]);
                return false;
            }
        }

        return true;
    }

    /// <summary>One frontend has them no longer.</summary>
    public void Release(IReadOnlyList<TKey> keys)
    {
        foreach (var key in keys)
        {
            if (--uses[key] == 0)
            {
                uses.Remove(key);
                map.Remove(key);
            }
        }
    }

    /// <summary>Removes keys that a former agent left and no frontend has.</summary>
    public void RemoveStrays()
    {
        foreach (var key in map.ToDictionary().Keys.Where(key => !uses.ContainsKey(key)))
        {
            map.Remove(key);
        }
    }

    private bool TryTake(TKey key)
    {
        var count = uses.GetValueOrDefault(key);
        try
        {
            if (count == 0)
            {
                map.Update(key, 1);
            }
        }
        catch (BpfException e) when (e.IsMapFull || e.IsOutOfMemory)
        {
            return false;
        }

        uses[key] = count + 1;
        return true;
    }
}
