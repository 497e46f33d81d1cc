using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Allocation;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Lifecycle;
using Weft.Lab.ApiServer.Patches;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Registry;

/// <summary>POST, and the other verbs that make an object which is not there.</summary>
internal static class Creation
{
    /// <summary>Random names that are tried before the client is told to try again.</summary>
    private const int GeneratedNames = 8;

    /// <param name="managed">The document's managedFields are as they should be: server-side apply made them.</param>
    /// <exception cref="StatusException">It may not be made.</exception>
    public static StoredObject Create(
        Cluster cluster,
        Kind kind,
        string? ns,
        JsonObject document,
        WriteOptions options,
        bool managed = false
    )
    {
        Documents.Decode(kind, document, options);
        if (kind.ViewOf is not null)
        {
            var storage = cluster.Kinds.StorageOf[kind.Collection];
            Views.Store(kind, storage, document);
            kind = storage;
        }

        var metadata = Metadata.Of(document);
        CheckNamespace(ns, metadata);
        if (metadata["resourceVersion"].Text() is { Length: > 0 })
        {
            throw Failures.BadRequest("resourceVersion should not be set on objects to be created");
        }

        Metadata.Begin(kind, document, ns, cluster.Now);
        if (kind.HasStatus && !kind.TakesStatusAtCreation)
        {
            document.Remove("status");
        }

        Documents.Default(kind, document);
        if (kind.Collection == Definitions.Collection)
        {
            Definitions.Begin(document);
        }

        return cluster.Write(() =>
        {
            Namespaces.CheckOpen(cluster, kind, ns, metadata["name"].Text() ?? "");
            Name(cluster, kind, ns, metadata);
            Documents.Validate(kind, document, null);
            var owned = managed
                ? document
                : ManagedFields.Update(
                    null,
                    document,
                    options.Manager,
                    kind.ApiVersion,
                    null,
                    cluster.Now,
                    kind.Schema
                );
            ServiceAddresses.Allocate(cluster, kind, owned, null);
            Views.Store(kind, cluster.Kinds.StorageOf[kind.Collection], owned);
            return options.DryRun ? StoredObject.Of(owned, 0) : cluster.Put(kind.Collection, null, owned);
        });
    }

    private static void CheckNamespace(string? ns, JsonObject metadata)
    {
        if (metadata["namespace"].Text() is { Length: > 0 } given && given != ns)
        {
            throw Failures.BadRequest(
                ns is null
                    ? "the namespace of the object does not match: this kind is not namespaced"
                    : "the namespace of the provided object does not match the namespace sent on the request"
            );
        }
    }

    private static void Name(Cluster cluster, Kind kind, string? ns, JsonObject metadata)
    {
        if (metadata["name"].Text() is { Length: > 0 } name)
        {
            if (cluster.Store.Find(kind.Collection, ns, name) is not null)
            {
                throw Failures.AlreadyExists(kind, name);
            }

            return;
        }

        if (metadata["generateName"].Text() is not { Length: > 0 } prefix)
        {
            throw Failures.Invalid(
                kind,
                "",
                [FieldError.Required("metadata.name", "name or generateName is required")]
            );
        }

        for (var attempt = 0; attempt < GeneratedNames; attempt++)
        {
            var generated = Names.Generate(prefix);
            if (cluster.Store.Find(kind.Collection, ns, generated) is null)
            {
                metadata["name"] = generated;
                return;
            }
        }

        throw Failures.GeneratedNameTaken(kind, prefix);
    }
}
