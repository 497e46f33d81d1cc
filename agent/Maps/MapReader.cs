using Weft.Bpf;
using Weft.Contracts;

namespace Weft.Agent.Maps;

/// <summary>How a map's entries are put into words.</summary>
/// <param name="Name">The map.</param>
/// <param name="Read">Reads so many at most.</param>
internal sealed record MapReader(string Name, Func<int, MapAnswer> Read)
{
    /// <summary>A map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="columns">What the cells are.</param>
    /// <param name="row">The cells of an entry.</param>
    public static MapReader Of<TKey, TValue>(
        BpfMap<TKey, TValue> map,
        IReadOnlyList<MapColumn> columns,
        Func<TKey, TValue, string[]> row
    )
        where TKey : unmanaged
        where TValue : unmanaged => Of(map, columns, () => row);

    /// <summary>As the other, where something has to be looked up once for all rows.</summary>
    public static MapReader Of<TKey, TValue>(
        BpfMap<TKey, TValue> map,
        IReadOnlyList<MapColumn> columns,
        Func<Func<TKey, TValue, string[]>> rows
    )
        where TKey : unmanaged
        where TValue : unmanaged =>
        new(
            map.Name,
            most =>
            {
                var row = rows();
                var entries = map.Take(most);
                return new MapAnswer(
                    columns,
                    [.. entries.Select(entry => row(entry.Key, entry.Value))],
                    entries.Count < most ? entries.Count : map.Count()
                );
            }
        );
}
