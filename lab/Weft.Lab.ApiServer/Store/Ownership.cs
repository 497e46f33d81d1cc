namespace Weft.Lab.ApiServer.Store;

/// <summary>Where an object is.</summary>
internal readonly record struct ObjectLocation(string Collection, string Key);

/// <summary>Which uids there are, and which objects name them as owners.</summary>
internal sealed class Ownership
{
    private readonly Dictionary<string, ObjectLocation> uids = [];
    private readonly Dictionary<string, HashSet<ObjectLocation>> dependents = [];

    public bool Exists(string uid) => uids.ContainsKey(uid);

    public ObjectLocation? Find(string uid) => uids.TryGetValue(uid, out var location) ? location : null;

    public IReadOnlyList<ObjectLocation> DependentsOf(string uid) =>
        dependents.TryGetValue(uid, out var found) ? [.. found] : [];

    public void Apply(Change change)
    {
        var location = new ObjectLocation(change.Collection, change.New.Key);
        foreach (var owner in change.Old?.Owners ?? [])
        {
            if (dependents.TryGetValue(owner, out var of) && of.Remove(location) && of.Count == 0)
            {
                dependents.Remove(owner);
            }
        }

        if (change.Type == ChangeType.Deleted)
        {
            uids.Remove(change.New.Uid);
            return;
        }

        uids[change.New.Uid] = location;
        foreach (var owner in change.New.Owners)
        {
            if (!dependents.TryGetValue(owner, out var of))
            {
                dependents[owner] = of = [];
            }

            of.Add(location);
        }
    }
}
