using Weft.Contracts;
using Weft.Policy.Entries;

namespace Weft.Agent.Policy;

/// <summary>A policy set in the maps.</summary>
/// <param name="number">Its number, which no other set has had lately.</param>
/// <param name="content">What it holds.</param>
internal sealed class InstalledSet(uint number, SetContent content)
{
    public uint Number => number;

    public SetContent Content => content;

    /// <summary>Entries that the maps had no room for; what they allow is denied meanwhile.</summary>
    public Dictionary<PolicyEntry, uint> Owed { get; } = [];

    /// <summary>Since when no pod is under it.</summary>
    public DateTimeOffset? UnusedSince { get; set; }

    /// <summary>For people.</summary>
    public PolicySetName Name =>
        new(
            number,
            [.. content.Set.Ingress.IsolatedBy.Select(policy => policy.ToString())],
            [.. content.Set.Egress.IsolatedBy.Select(policy => policy.ToString())],
            Owed.Count > 0 ? "the maps have no room for some of its entries; what these allow is denied" : null
        );
}
