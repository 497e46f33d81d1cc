using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Patches;

/// <summary>metadata.managedFields as create, update and patch keep them: who changes a field owns it.</summary>
public static class ManagedFields
{
    /// <summary>Entries of updates that an object keeps; older ones are merged, as in kube-apiserver.</summary>
    private const int MaxUpdaters = 10;

    private static readonly FieldSet Unowned = Set(
        "apiVersion",
        "kind",
        "metadata",
        "metadata.name",
        "metadata.namespace",
        "metadata.creationTimestamp",
        "metadata.selfLink",
        "metadata.uid",
        "metadata.generation",
        "metadata.managedFields",
        "metadata.resourceVersion"
    );

    /// <summary>
    /// The new document with its managedFields: <paramref name="manager"/> owns what differs from <paramref name="before"/>,
    /// nobody owns what is gone. Managed fields that the request itself carries count as those before the change.
    /// </summary>
    /// <param name="before">The stored object; null when the object is created.</param>
    /// <param name="after">The object to store, defaulted, before the server allocates addresses and the like.</param>
    /// <param name="manager">fieldManager of the request, or its User-Agent up to the slash.</param>
    /// <param name="apiVersion">The version of both documents.</param>
    /// <param name="subresource">Such as status; null for the object itself.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="schema">The kind's; null when it has none.</param>
    public static JsonObject Update(
        JsonObject? before,
        JsonObject after,
        string manager,
        string apiVersion,
        string? subresource,
        DateTimeOffset now,
        KindSchema? schema
    )
    {
        var stored = before?["metadata"]?["managedFields"];
        var result = after.DeepClone().AsObject();
        if (Current(before, stored, after["metadata"]?["managedFields"], subresource) is not { } managers)
        {
            (result["metadata"] as JsonObject)?.Remove("managedFields");
            return result;
        }
        var old = Comparable(before ?? Empty(after), schema);
        var changes = TypedValue.Compare(old, Comparable(after, schema), schema);
        changes = Without(changes, Ignored(subresource, schema));
        Disown(managers, changes, except: null);

        var changed = changes.Modified.Union(changes.Added).Except(Unowned);
        if (!changed.IsEmpty)
        {
            var self = FieldManager.Updater(manager, apiVersion, subresource);
            var fields = managers.TryGetValue(self, out var entry) ? entry.Fields.Union(changed) : changed;
            managers[self] = new ManagedEntry(fields, apiVersion, now);
        }
        Cap(managers);
        Store(result, managers);
        return result;
    }

    /// <summary>The fields a request through a (sub)resource cannot set, and so never owns.</summary>
    internal static FieldSet Ignored(string? subresource, KindSchema? schema) =>
        subresource == "status" ? Set("spec", "metadata.ownerReferences", "metadata.deletionTimestamp")
        : schema?.HasStatus == true ? Set("status")
        : new FieldSet();

    /// <summary>A copy as the types of the real server would hold it, without managedFields.</summary>
    internal static JsonObject Comparable(JsonObject doc, KindSchema? schema)
    {
        doc = doc.DeepClone().AsObject();
        (doc["metadata"] as JsonObject)?.Remove("managedFields");
        Zeroes.Normalize(doc, schema);
        return doc;
    }

    /// <summary>An object before its creation: nothing but its kind.</summary>
    internal static JsonObject Empty(JsonObject of) =>
        new()
        {
            ["apiVersion"] = of["apiVersion"]?.DeepClone(),
            ["kind"] = of["kind"]?.DeepClone(),
            ["metadata"] = new JsonObject(),
        };

    internal static (FieldSet Added, FieldSet Modified, FieldSet Removed) Without(
        (FieldSet Added, FieldSet Modified, FieldSet Removed) changes,
        FieldSet ignored
    ) =>
        (
            changes.Added.ExceptTrees(ignored),
            changes.Modified.ExceptTrees(ignored),
            changes.Removed.ExceptTrees(ignored)
        );

    /// <summary>Takes what changed, and what is gone, from all managers but one.</summary>
    internal static void Disown(
        Dictionary<FieldManager, ManagedEntry> managers,
        (FieldSet Added, FieldSet Modified, FieldSet Removed) changes,
        FieldManager? except
    )
    {
        var changed = changes.Added.Union(changes.Modified).Union(changes.Removed);
        foreach (var (manager, entry) in managers.ToArray())
        {
            if (manager == except)
            {
                continue;
            }
            var rest = entry.Fields.Except(changed);
            if (rest.IsEmpty)
            {
                managers.Remove(manager);
            }
            else
            {
                managers[manager] = entry with { Fields = rest };
            }
        }
    }

    internal static FieldSet Owned(FieldSet fields) => fields.Except(Unowned);

    internal static void Store(JsonObject doc, Dictionary<FieldManager, ManagedEntry> managers)
    {
        var metadata = doc.Child("metadata");
        metadata.Remove("managedFields");
        if (managers.Count > 0)
        {
            metadata["managedFields"] = ManagedEntry.Write(managers);
        }
    }

    /// <summary>The entries before the change; null when this object's fields are not tracked.</summary>
    private static Dictionary<FieldManager, ManagedEntry>? Current(
        JsonObject? before,
        JsonNode? stored,
        JsonNode? requested,
        string? subresource
    )
    {
        // One empty entry is how a client says that ownership is to be forgotten.
        if (subresource is null && requested is JsonArray { Count: 1 } reset && reset[0] is JsonObject { Count: 0 })
        {
            return before is null ? [] : null;
        }
        Dictionary<FieldManager, ManagedEntry> managers = [];
        if (subresource is null)
        {
            try
            {
                managers = ManagedEntry.Read(requested);
            }
            catch (PatchException)
            {
                // As in the real server: entries that cannot be read count as not sent.
            }
        }
        if (managers.Count == 0)
        {
            managers = ManagedEntry.Read(stored);
        }
        return managers.Count == 0 && before is not null ? null : managers;
    }

    private static void Cap(Dictionary<FieldManager, ManagedEntry> managers)
    {
        var oldestFirst = managers
            .Where(e => !e.Key.Applies)
            .OrderBy(e => e.Value.Time?.ToUnixTimeSeconds() ?? 0)
            .ThenBy(e => e.Key.Name, StringComparer.Ordinal)
            .ToArray();
        for (var i = 0; oldestFirst.Length - i > MaxUpdaters; i++)
        {
            // The oldest becomes a bucket, and the next oldest of the same version goes into it.
            var (manager, entry) = oldestFirst[i];
            var bucket = FieldManager.Updater("ancient-changes", entry.ApiVersion, null);
            managers.Remove(manager);
            managers[bucket] = managers.TryGetValue(bucket, out var ancient)
                ? ancient with
                {
                    Fields = ancient.Fields.Union(entry.Fields),
                    Time = entry.Time,
                }
                : entry;
        }
    }

    private static FieldSet Set(params string[] paths)
    {
        var set = new FieldSet();
        foreach (var path in paths)
        {
            set.Add([.. path.Split('.').Select(FieldSet.Field)]);
        }
        return set;
    }
}
