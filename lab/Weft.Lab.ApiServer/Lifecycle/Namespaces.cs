using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Lifecycle;

/// <summary>Namespaces hold objects: there are none without one, and it goes when the last of them is gone.</summary>
internal static class Namespaces
{
    public const string Collection = "namespaces";

    /// <summary>Always there, and cannot be deleted.</summary>
    public static readonly string[] Permanent = ["default", "kube-node-lease", "kube-public", "kube-system"];

    private static readonly string[] Undeletable = ["default", "kube-public", "kube-system"];

    /// <exception cref="StatusException">Nothing can be made there.</exception>
    public static void CheckOpen(Cluster cluster, Kind kind, string? ns, string name)
    {
        if (ns is null)
        {
            return;
        }

        var stored = cluster.Store.Find(Collection, null, ns) ?? throw Failures.NotFoundNamespace(ns);
        if (stored.IsDeleting)
        {
            throw Failures.NamespaceTerminating(kind, name, ns);
        }
    }

    /// <exception cref="StatusException">It is one of those that stay.</exception>
    public static void CheckDeletable(Kind kind, string name)
    {
        if (kind.Collection == Collection && Undeletable.Contains(name))
        {
            throw Failures.Forbidden(kind, name, "this namespace may not be deleted");
        }
    }

    public static void Mark(JsonObject document) => document.Child("status")["phase"] = "Terminating";

    public static void Follow(Cluster cluster, Change change)
    {
        if (change.Collection == Collection)
        {
            if (change.Type != ChangeType.Deleted && change.New.IsDeleting)
            {
                DeleteContent(cluster, change.New.Name);
                Finish(cluster, change.New.Name);
            }
        }
        else if (change.Type == ChangeType.Deleted && change.New.Namespace is { } ns)
        {
            Finish(cluster, ns);
        }
    }

    private static void DeleteContent(Cluster cluster, string ns)
    {
        foreach (var kind in cluster.Kinds.StorageOf.Values.Where(kind => kind.Namespaced))
        {
            foreach (var stored in Content(cluster, kind, ns).Where(stored => !stored.IsDeleting))
            {
                Deletion.Delete(cluster, kind, ns, stored.Name, new());
            }
        }
    }

    private static void Finish(Cluster cluster, string ns)
    {
        if (
            cluster.Store.Find(Collection, null, ns) is not { IsDeleting: true } stored
            || cluster.Kinds.StorageOf.Values.Any(kind => kind.Namespaced && Content(cluster, kind, ns).Any())
        )
        {
            return;
        }

        var document = stored.Document();
        document.Child("spec").Remove("finalizers");
        if (Deletion.IsComplete(document))
        {
            cluster.Remove(Collection, stored, document);
        }
        else if (!Metadata.IsSame(document, stored.Document()))
        {
            cluster.Put(Collection, stored, document);
        }
    }

    private static IEnumerable<StoredObject> Content(Cluster cluster, Kind kind, string ns) =>
        Ranges.InNamespace(cluster.Store.Collection(kind.Collection).Objects, ns);
}
