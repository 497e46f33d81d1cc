using Weft.Bpf;
using Weft.Datapath;
using Weft.Services;
using Weft.Services.Backends;

namespace Weft.Agent.Services;

/// <summary>
/// Lists of backends in the map. A list never changes: another content is another list with a number of its own, and the
/// old one is removed when nobody can be reading it any more. What rests until then is in the map too, so there is never
/// more of it than the map has slots. For one thread at a time.
/// </summary>
internal sealed class BackendLists(BpfMap<BackendKey, BackendValue> map, TimeProvider time)
{
    /// <summary>A program that has read a list's number is done with the list long before.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    // Clients' entries in other maps may name lists that are gone, with numbers above all that are left: a new one must
    // not be taken for them.
    private const uint BeyondGone = 1 << 16;

    private readonly Dictionary<BackendListKey, WrittenList> newest = [];
    private readonly HashSet<uint> used = [];
    private readonly Queue<(WrittenList List, long Since)> resting = new();
    private Dictionary<uint, List<BackendValue?>> inherited = [];
    private uint last;

    /// <summary>Slots in the map.</summary>
    public long Slots { get; private set; }

    /// <summary>The most slots.</summary>
    public uint Capacity => map.Capacity;

    /// <summary>When the next list may be removed; null when none rests.</summary>
    public TimeSpan? NextRemoval =>
        resting.TryPeek(out var next)
            ? TimeSpan.FromTicks(Math.Max(0, (Rest - time.GetElapsedTime(next.Since)).Ticks))
            : null;

    /// <summary>Reads what a former agent left; lists of the same content are taken up instead of written.</summary>
    public void Inherit()
    {
        map.Walk(
            (key, backend) =>
            {
                Slots++;
                if (used.Add(key.List))
                {
                    inherited[key.List] = [];
                }

                var slots = inherited[key.List];
                while (slots.Count <= key.Slot)
                {
                    slots.Add(null);
                }

                slots[(int)key.Slot] = backend;
            }
        );
        last = used.Count == 0 ? 0 : unchecked(used.Max() + BeyondGone);
    }

    /// <summary>A list with this content, for one frontend's side more.</summary>
    /// <param name="content">What.</param>
    /// <param name="former">The number of the list that the side has had from a former agent, if it has.</param>
    /// <returns>Null when the map has no room.</returns>
    public WrittenList? Take(BackendList content, uint? former)
    {
        if (content.Backends.Count + content.Staying.Count == 0)
        {
            return WrittenList.Empty;
        }

        if (!newest.TryGetValue(content.Key, out var list) || !content.Equals(list.Content))
        {
            var slots = SlotsOf(content);
            list = (TakeUp(former, slots) ?? Write(slots)) is { } number
                ? new WrittenList(number, slots.Count) { Content = content }
                : null;
            if (list is null)
            {
                return null;
            }

            newest[content.Key] = list;
        }

        list.Users++;
        return list;
    }

    /// <summary>One frontend's side no longer has the list: nothing in the map names it there.</summary>
    public void Release(WrittenList list)
    {
        if (list == WrittenList.Empty || --list.Users > 0)
        {
            return;
        }

        if (list.Content is { } content && newest.GetValueOrDefault(content.Key) == list)
        {
            newest.Remove(content.Key);
        }

        resting.Enqueue((list, time.GetTimestamp()));
    }

    /// <summary>Everything is written: lists of a former agent that nothing has are to go.</summary>
    public void ReleaseInherited()
    {
        foreach (var (number, slots) in inherited)
        {
            resting.Enqueue((new WrittenList(number, slots.Count), time.GetTimestamp()));
        }

        inherited = [];
    }

    /// <summary>Removes the lists that have rested.</summary>
    /// <returns>Whether that made room.</returns>
    public bool RemoveRested()
    {
        var any = false;
        while (NextRemoval == TimeSpan.Zero)
        {
            var (list, _) = resting.Dequeue();
            Remove(list.Number, list.Slots);
            any = true;
        }

        return any;
    }

    /// <summary>What the list's slots hold, from 0 up.</summary>
    public static List<BackendValue> SlotsOf(BackendList content) =>
        [.. content.Backends.Select(backend => backend.Key).Concat(content.Staying).Take(ushort.MaxValue).Select(Slot)];

    private static BackendValue Slot(TransportAddress backend) => BackendValue.Of(backend.Address, backend.Port);

    /// <summary>A former agent's list, if it is the very same.</summary>
    private uint? TakeUp(uint? former, List<BackendValue> slots) =>
        former is { } number
        && inherited.TryGetValue(number, out var there)
        && there.Count == slots.Count
        && there.Zip(slots).All(pair => pair.First == pair.Second)
        && inherited.Remove(number)
            ? number
            : null;

    /// <summary>Writes all slots or none; null for none.</summary>
    private uint? Write(List<BackendValue> slots)
    {
        if (Slots + slots.Count > map.Capacity)
        {
            return null;
        }

        var number = Fresh();
        for (var slot = 0; slot < slots.Count; slot++)
        {
            try
            {
                map.Update(new BackendKey(number, (uint)slot), slots[slot]);
                Slots++;
            }
            catch (BpfException e) when (e.IsMapFull || e.IsOutOfMemory)
            {
                Remove(number, slot);
                return null;
            }
        }

        return number;
    }

    private uint Fresh()
    {
        do
        {
            last = unchecked(last + 1);
        } while (last == WrittenList.Empty.Number || !used.Add(last));

        return last;
    }

    private void Remove(uint number, int slots)
    {
        for (var slot = 0; slot < slots; slot++)
        {
            Slots -= map.Remove(new BackendKey(number, (uint)slot)) ? 1 : 0;
        }

        used.Remove(number);
    }
}
