using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Store;

/// <summary>
/// All objects of all kinds, in collections that share one counter of resourceVersions. Reading never waits. Writing is
/// one after the other: whoever decides upon what is there holds <see cref="Writing"/> from reading to committing.
/// </summary>
internal sealed class ObjectStore : IDisposable
{
    private readonly ConcurrentDictionary<string, Collection> collections = new();
    private readonly Journal journal;
    private long resourceVersion;

    /// <param name="path">The journal's file; made when it is not there.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public ObjectStore(string path) => journal = Journal.Open(path, Restore);

    /// <summary>Held while something is decided and written.</summary>
    public Lock Writing { get; } = new();

    /// <summary>Of the last change.</summary>
    public long ResourceVersion => Volatile.Read(ref resourceVersion);

    /// <summary>Who owns what. Read it under <see cref="Writing"/>.</summary>
    public Ownership Ownership { get; } = new();

    public IEnumerable<Collection> Collections => collections.Values;

    public Collection Collection(string name) => collections.GetOrAdd(name, static name => new(name));

    public StoredObject? Find(string collection, string? ns, string name) =>
        Collection(collection).Find(StoredObject.KeyOf(ns, name));

    /// <summary>Writes a document in place of what is there (null: nothing). Under <see cref="Writing"/>.</summary>
    public Change Put(string collection, StoredObject? old, JsonObject document)
    {
        var next = Stamp(document);
        return Commit(
            new(old is null ? ChangeType.Added : ChangeType.Modified, collection, old, StoredObject.Of(document, next))
        );
    }

    /// <summary>Removes an object; watchers get its last state. Under <see cref="Writing"/>.</summary>
    public Change Remove(string collection, StoredObject old, JsonObject last)
    {
        var next = Stamp(last);
        return Commit(new(ChangeType.Deleted, collection, old, StoredObject.Of(last, next)));
    }

    public void Dispose() => journal.Dispose();

    private long Stamp(JsonObject document)
    {
        var next = resourceVersion + 1;
        ((JsonObject)document["metadata"]!)["resourceVersion"] = $"{next}";
        return next;
    }

    private Change Commit(Change change)
    {
        journal.Append(JournalLine.Of(change));
        Ownership.Apply(change);
        Collection(change.Collection).Apply(change);
        // After the collection: whoever sees this number finds the change it is of.
        Volatile.Write(ref resourceVersion, change.ResourceVersion);
        if (journal.IsLong)
        {
            journal.Replace(Everything());
        }

        return change;
    }

    private IEnumerable<JournalLine> Everything()
    {
        var changes = new List<Change>();
        foreach (var collection in collections.Values)
        {
            var (objects, forgotten, history) = collection.Everything();
            yield return new(JournalLineType.Begin, collection.Name, forgotten, null);
            foreach (var stored in objects)
            {
                yield return new(JournalLineType.Object, collection.Name, stored.ResourceVersion, stored);
            }

            changes.AddRange(history);
        }

        foreach (var change in changes.OrderBy(change => change.ResourceVersion))
        {
            yield return JournalLine.Of(change);
        }
    }

    private void Restore(JournalLine line)
    {
        var collection = Collection(line.Collection);
        resourceVersion = Math.Max(resourceVersion, line.ResourceVersion);
        switch (line.Type)
        {
            case JournalLineType.Begin:
                collection.RestoreForgotten(line.ResourceVersion);
                break;
            case JournalLineType.Object:
                collection.Restore(line.Object!);
                Ownership.Apply(new(ChangeType.Added, line.Collection, null, line.Object!));
                break;
            default:
                var type = Enum.Parse<ChangeType>(line.Type.ToString());
                var change = new Change(type, line.Collection, collection.Find(line.Object!.Key), line.Object);
                Ownership.Apply(change);
                collection.Apply(change);
                break;
        }
    }
}
