using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Lifecycle;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Registry;

/// <summary>
/// The objects, the kinds there are, and the one way to write: what follows from a write (garbage, content of a deleted
/// namespace, kinds of a definition) is done before the write is answered.
/// </summary>
internal sealed class Cluster
{
    private readonly Queue<Change> followUps = new();
    private bool following;
    private KindTable kinds = new([]);

    public Cluster(ObjectStore store, TimeProvider clock)
    {
        Store = store;
        Clock = clock;
        LoadKinds();
    }

    public ObjectStore Store { get; }

    public TimeProvider Clock { get; }

    public DateTimeOffset Now => Clock.GetUtcNow();

    public KindTable Kinds => Volatile.Read(ref kinds);

    /// <summary>Decides and writes, alone; then everything that follows from it.</summary>
    public T Write<T>(Func<T> write)
    {
        lock (Store.Writing)
        {
            var result = write();
            if (followUps.Count > 0 && !following)
            {
                Follow();
            }

            return result;
        }
    }

    /// <summary>Writes a document in place of what is there. Inside of <see cref="Write"/>.</summary>
    public StoredObject Put(string collection, StoredObject? old, JsonObject document)
    {
        var change = Store.Put(collection, old, document);
        followUps.Enqueue(change);
        return change.New;
    }

    /// <summary>Removes an object, whose last state may differ from what is there. Inside of <see cref="Write"/>.</summary>
    public StoredObject Remove(string collection, StoredObject old, JsonObject? last = null)
    {
        var change = Store.Remove(collection, old, last ?? old.Document());
        followUps.Enqueue(change);
        return change.New;
    }

    /// <summary>Takes the kinds from the definitions that are there now.</summary>
    public void LoadKinds()
    {
        var definitions = Store.Collection(Definitions.Collection).Objects.Select(stored => stored.Document());
        Volatile.Write(ref kinds, new(definitions.SelectMany(CustomKinds.Of)));
    }

    private void Follow()
    {
        following = true;
        try
        {
            while (followUps.TryDequeue(out var change))
            {
                Definitions.Follow(this, change);
                Namespaces.Follow(this, change);
                GarbageCollection.Follow(this, change);
            }
        }
        finally
        {
            following = false;
        }
    }
}
