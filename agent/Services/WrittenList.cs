using Weft.Services.Backends;

namespace Weft.Agent.Services;

/// <summary>A list of backends that is in the map.</summary>
/// <param name="number">Its number there; 0 for the empty one, which is not there.</param>
/// <param name="slots">How many slots it has.</param>
internal sealed class WrittenList(uint number, int slots)
{
    /// <summary>What a frontend without any backend has.</summary>
    public static readonly WrittenList Empty = new(0, 0);

    /// <summary>Its number.</summary>
    public uint Number => number;

    /// <summary>How many slots it has.</summary>
    public int Slots => slots;

    /// <summary>What it holds; null when a former agent wrote it and nothing has it any more.</summary>
    public BackendList? Content { get; init; }

    /// <summary>How many frontends' sides have it.</summary>
    public int Users { get; set; }
}
