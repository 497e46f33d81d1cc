using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Allocation;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Patches;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Registry;

/// <summary>PUT and PATCH: an object takes the place of what it was.</summary>
internal static class Replacement
{
    /// <param name="change">Gives the new document, as the kind shows it, for (a copy of) the old one.</param>
    /// <param name="subresource">`status` or null; scale is a change of the object itself.</param>
    /// <param name="managed">The change has brought managedFields up to date itself: server-side apply.</param>
    /// <param name="unconditional">The change is made to what is there, so it needs no resourceVersion.</param>
    /// <exception cref="StatusException">There is no such object, or it may not be changed so.</exception>
    public static StoredObject Replace(
        Cluster cluster,
        Kind kind,
        string? ns,
        string name,
        Func<JsonObject, JsonObject> change,
        string? subresource,
        WriteOptions options,
        bool managed = false,
        bool unconditional = false
    ) =>
        cluster.Write(() =>
        {
            var stored = cluster.Store.Find(kind.Collection, ns, name) ?? throw Failures.NotFound(kind, name);
            var document = change(Views.Document(kind, stored));
            Documents.Decode(kind, document, options);
            if (kind.ViewOf is not null)
            {
                var storage = cluster.Kinds.StorageOf[kind.Collection];
                Views.Store(kind, storage, document);
                kind = storage;
            }

            var old = Views.Document(kind, stored);
            CheckName(name, ns, document);
            Metadata.CheckPreconditions(kind, document, old, !unconditional && !kind.AllowsUnconditionalUpdate);
            document = Separate(kind, document, old, subresource);
            Metadata.Continue(document, old);
            Documents.Default(kind, document);
            Metadata.CountGeneration(kind, document, old);
            CheckFinalizers(kind, document, old);
            if (!managed)
            {
                document = ManagedFields.Update(
                    old,
                    document,
                    options.Manager,
                    kind.ApiVersion,
                    subresource,
                    cluster.Now,
                    kind.Schema
                );
            }

            // Before validation: what a client left out of a service it replaces is as it was.
            ServiceAddresses.Allocate(cluster, kind, document, old);
            Documents.Validate(kind, document, old);

            if (Metadata.IsSame(document, old))
            {
                return stored;
            }

            Views.Store(kind, cluster.Kinds.StorageOf[kind.Collection], document);
            if (options.DryRun)
            {
                return StoredObject.Of(document, stored.ResourceVersion);
            }

            if (!Deletion.IsComplete(document))
            {
                return cluster.Put(kind.Collection, stored, document);
            }

            var last = StoredObject.Of((JsonObject)document.DeepClone(), stored.ResourceVersion);
            cluster.Remove(kind.Collection, stored, document);
            return last;
        });

    private static void CheckName(string name, string? ns, JsonObject document)
    {
        var metadata = Metadata.Of(document);
        if ((metadata["name"].Text() ?? name) is var given && given != name)
        {
            throw Failures.BadRequest($"the name of the object ({given}) does not match the name on the URL ({name})");
        }

        if (metadata["namespace"].Text() is { Length: > 0 } other && other != ns)
        {
            throw Failures.BadRequest(
                $"the namespace of the object ({other}) does not match the namespace on the URL ({ns})"
            );
        }
    }

    /// <summary>The object's path does not write status, and the status' path writes nothing else.</summary>
    private static JsonObject Separate(Kind kind, JsonObject document, JsonObject old, string? subresource)
    {
        if (subresource == "status")
        {
            var only = (JsonObject)old.DeepClone();
            Take(document, only, "status");
            var (metadata, kept) = (Metadata.Of(document), Metadata.Of(only));
            Take(metadata, kept, "managedFields");
            // Built-in kinds let labels and annotations pass: a kubelet's status patch carries annotations.
            if (!kind.IsCustom)
            {
                Take(metadata, kept, "labels");
                Take(metadata, kept, "annotations");
            }

            return only;
        }

        if (kind.HasStatus)
        {
            Take(old, document, "status");
        }

        return document;
    }

    private static void Take(JsonObject from, JsonObject to, string field)
    {
        to.Remove(field);
        if (from.TryGetPropertyValue(field, out var value))
        {
            to[field] = value?.DeepClone();
        }
    }

    private static void CheckFinalizers(Kind kind, JsonObject document, JsonObject old)
    {
        if (Metadata.Of(old)["deletionTimestamp"] is null)
        {
            return;
        }

        var fresh = Metadata.Finalizers(document).Except(Metadata.Finalizers(old)).ToList();
        if (fresh.Count > 0)
        {
            throw Failures.Invalid(
                kind,
                Metadata.Of(old)["name"].Text()!,
                [
                    FieldError.Forbidden(
                        "metadata.finalizers",
                        "no new finalizers can be added if the object is being deleted, found new finalizers "
                            + $"[]string{{{string.Join(", ", fresh.Select(finalizer => $"\"{finalizer}\""))}}}"
                    ),
                ]
            );
        }
    }
}
