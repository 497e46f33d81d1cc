using System.Collections.Immutable;
using Weft.Lab.ApiServer.Schemas.BuiltIn;

namespace Weft.Lab.ApiServer.Kinds;

/// <summary>All that is served now: the built-in kinds and those of the established definitions. Never changes.</summary>
internal sealed class KindTable
{
    private readonly ImmutableDictionary<(string Group, string Version, string Plural), Kind> byPath;

    public KindTable(IEnumerable<Kind> custom)
    {
        All =
        [
            .. BuiltInKinds.All.Select(kind => kind with { Schema = BuiltInTypes.Find(kind.ApiVersion, kind.Name) }),
            .. custom,
        ];
        byPath = All.ToImmutableDictionary(kind => (kind.Group, kind.Version, kind.Plural));
        StorageOf = All.Where(kind => kind.ViewOf is null)
            .GroupBy(kind => kind.Collection)
            .ToImmutableDictionary(group => group.Key, group => group.First());
    }

    /// <summary>In the order of discovery.</summary>
    public IReadOnlyList<Kind> All { get; }

    /// <summary>For each collection, the kind its objects are written as by the server itself.</summary>
    public IReadOnlyDictionary<string, Kind> StorageOf { get; }

    public Kind? Find(string group, string version, string plural) =>
        byPath.GetValueOrDefault((group, version, plural));

    public bool HasVersion(string group, string version) =>
        All.Any(kind => kind.Group == group && kind.Version == version);

    public bool HasGroup(string group) => All.Any(kind => kind.Group == group);

    /// <summary>Versions of a group, the preferred one first: stable before beta before alpha, then the higher.</summary>
    public IReadOnlyList<string> Versions(string group) =>
        [
            .. All.Where(kind => kind.Group == group)
                .Select(kind => kind.Version)
                .Distinct()
                .OrderByDescending(version => version, VersionOrder.Instance),
        ];
}
