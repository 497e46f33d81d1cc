namespace Weft.Contracts;

/// <summary>Which entries to read.</summary>
/// <param name="Map">Name of the map, as in bpf/include.</param>
/// <param name="Most">How many entries at most, 1 to <see cref="Limit"/>; whichever come first.</param>
public sealed record MapQuestion(string Map, int Most)
{
    /// <summary>The most entries of one answer: they have to fit into one message.</summary>
    public const int Limit = 10_000;
}

/// <summary>
/// Entries of a map. What only the agent knows has its name: devices, policies, rules and Services. Addresses and
/// identities are for who asks to name, who can see the whole cluster.
/// </summary>
/// <param name="Columns">What the cells of each row are.</param>
/// <param name="Rows">The entries.</param>
/// <param name="Total">How many entries the map has.</param>
public sealed record MapAnswer(IReadOnlyList<MapColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, long Total);

/// <summary>A field of a map's key or value.</summary>
/// <param name="Name">Its name, in camel case.</param>
/// <param name="Cell">How to read it.</param>
public sealed record MapColumn(string Name, MapCell Cell = MapCell.Text);

/// <summary>What a cell of a map's row is.</summary>
public enum MapCell
{
    /// <summary>Text that is for people as it is.</summary>
    Text,

    /// <summary>An address; "-" for none.</summary>
    Address,

    /// <summary>An address and a port, an IPv6 address in brackets; "-" for none.</summary>
    End,

    /// <summary>A prefix, which may be a single address.</summary>
    Prefix,

    /// <summary>Number of an identity, or a word for what is none.</summary>
    Identity,
}
