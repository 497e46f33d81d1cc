using Weft.Services.Changes;
using Weft.Services.Numbers;

namespace Weft.Services.Backends;

/// <summary>Takes and releases numbers of backends in one update, and says in the end who came and who went.</summary>
internal sealed class BackendNumbers(NumberTable<TransportAddress> table)
{
    private readonly Dictionary<TransportAddress, uint?> before = [];

    public IReadOnlyList<NumberedBackend> Added =>
        [
            .. Changed
                .Where(key => table.Find(key) is not null)
                .Select(key => new NumberedBackend(table.Find(key)!.Value, key)),
        ];

    public IReadOnlyList<NumberedBackend> Gone =>
        [.. Changed.Where(key => before[key] is not null).Select(key => new NumberedBackend(before[key]!.Value, key))];

    private IEnumerable<TransportAddress> Changed => before.Keys.Where(key => before[key] != table.Find(key)).Order();

    /// <summary>Null when all numbers are taken.</summary>
    public uint? Take(TransportAddress backend)
    {
        before.TryAdd(backend, table.Find(backend));
        return table.Take(backend);
    }

    public void Release(TransportAddress backend)
    {
        before.TryAdd(backend, table.Find(backend));
        table.Release(backend);
    }
}
