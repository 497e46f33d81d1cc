using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Lifecycle;

/// <summary>
/// Owner references: what is owned goes when its last owner does. In the foreground the owner waits for it, and an
/// orphan is left alone.
/// </summary>
internal static class GarbageCollection
{
    public static void Follow(Cluster cluster, Change change)
    {
        switch (change.Type)
        {
            case ChangeType.Deleted:
                foreach (var dependent in Dependents(cluster, change.New.Uid))
                {
                    Collect(cluster, dependent);
                }

                foreach (var owner in Owners(cluster, change.New))
                {
                    Finish(cluster, owner);
                }

                break;
            case ChangeType.Added:
                Collect(cluster, new(cluster, change.Collection, change.New));
                break;
            default:
                if (change.New.IsDeleting && !change.Old!.IsDeleting)
                {
                    Begin(cluster, new(cluster, change.Collection, change.New));
                }

                break;
        }
    }

    private static void Begin(Cluster cluster, Owned owner)
    {
        var finalizers = Metadata.Finalizers(owner.Stored.Document());
        if (finalizers.Contains(Deletion.ForegroundFinalizer))
        {
            foreach (
                var dependent in Dependents(cluster, owner.Stored.Uid).Where(dependent => !dependent.Stored.IsDeleting)
            )
            {
                var propagation =
                    cluster.Store.Ownership.DependentsOf(dependent.Stored.Uid).Count > 0
                        ? Propagation.Foreground
                        : Propagation.Background;
                Delete(cluster, dependent, propagation);
            }

            Finish(cluster, owner);
        }
        else if (finalizers.Contains(Deletion.OrphanFinalizer))
        {
            foreach (var dependent in Dependents(cluster, owner.Stored.Uid))
            {
                Disown(cluster, dependent, uid => uid == owner.Stored.Uid);
            }

            RemoveFinalizer(cluster, owner, Deletion.OrphanFinalizer);
        }
    }

    /// <summary>Deletes what has lost all of its owners; of some, it forgets those.</summary>
    private static void Collect(Cluster cluster, Owned dependent)
    {
        var owners = dependent.Stored.Owners;
        if (owners.Count == 0 || dependent.Stored.IsDeleting || owners.All(cluster.Store.Ownership.Exists))
        {
            return;
        }

        if (owners.Any(cluster.Store.Ownership.Exists))
        {
            Disown(cluster, dependent, uid => !cluster.Store.Ownership.Exists(uid));
        }
        else
        {
            Delete(cluster, dependent, Propagation.Background);
        }
    }

    /// <summary>Lets an owner go that waits for what it owns, once nothing is left that blocks it.</summary>
    private static void Finish(Cluster cluster, Owned owner)
    {
        var blocked = Dependents(cluster, owner.Stored.Uid)
            .SelectMany(dependent => Metadata.Of(dependent.Stored.Document())["ownerReferences"].Objects())
            .Any(reference =>
                reference["uid"].Text() == owner.Stored.Uid && reference["blockOwnerDeletion"].Flag() == true
            );
        if (owner.Stored.IsDeleting && !blocked)
        {
            RemoveFinalizer(cluster, owner, Deletion.ForegroundFinalizer);
        }
    }

    private static void RemoveFinalizer(Cluster cluster, Owned owner, string finalizer)
    {
        var document = owner.Stored.Document();
        if (Metadata.Finalizers(document).Contains(finalizer))
        {
            Metadata.SetFinalizers(document, Metadata.Finalizers(document).Where(other => other != finalizer));
            Put(cluster, owner, document);
        }
    }

    private static void Disown(Cluster cluster, Owned dependent, Predicate<string> lost)
    {
        var document = dependent.Stored.Document();
        var kept = Metadata
            .Of(document)["ownerReferences"]
            .Objects()
            .Where(reference => !lost(reference["uid"].Text() ?? ""))
            .Select(reference => reference.DeepClone())
            .ToArray();
        if (kept.Length > 0)
        {
            Metadata.Of(document)["ownerReferences"] = new JsonArray(kept);
        }
        else
        {
            Metadata.Of(document).Remove("ownerReferences");
        }

        Put(cluster, dependent, document);
    }

    private static void Put(Cluster cluster, Owned owned, JsonObject document)
    {
        if (Deletion.IsComplete(document))
        {
            cluster.Remove(owned.Collection, owned.Stored, document);
        }
        else
        {
            cluster.Put(owned.Collection, owned.Stored, document);
        }
    }

    private static void Delete(Cluster cluster, Owned owned, Propagation propagation)
    {
        if (owned.Kind is { } kind)
        {
            Deletion.Delete(cluster, kind, owned.Stored.Namespace, owned.Stored.Name, new(propagation));
        }
    }

    private static IEnumerable<Owned> Dependents(Cluster cluster, string uid) =>
        Found(cluster, cluster.Store.Ownership.DependentsOf(uid));

    private static IEnumerable<Owned> Owners(Cluster cluster, StoredObject stored) =>
        Found(cluster, stored.Owners.Select(cluster.Store.Ownership.Find).OfType<ObjectLocation>());

    private static IEnumerable<Owned> Found(Cluster cluster, IEnumerable<ObjectLocation> locations)
    {
        foreach (var (collection, key) in locations)
        {
            if (cluster.Store.Collection(collection).Find(key) is { } stored)
            {
                yield return new(cluster, collection, stored);
            }
        }
    }

    /// <summary>An object with where it is.</summary>
    private sealed record Owned(Cluster Cluster, string Collection, StoredObject Stored)
    {
        /// <summary>Null when its definition is gone already.</summary>
        public Kind? Kind => Cluster.Kinds.StorageOf.GetValueOrDefault(Collection);
    }
}
