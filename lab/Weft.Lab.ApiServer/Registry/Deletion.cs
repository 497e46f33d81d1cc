using System.Globalization;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Lifecycle;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Registry;

/// <summary>
/// DELETE. An object that has finalizers, or a pod that has a grace period on a node, is marked and stays until the
/// last finalizer is removed or the node's kubelet deletes it for good.
/// </summary>
internal static class Deletion
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";
    private const string Pods = "pods";
    private const long DefaultGraceSeconds = 30;

    /// <returns>The object as it is now or was at last, and whether it is gone.</returns>
    /// <exception cref="StatusException">There is no such object, or a precondition does not hold.</exception>
    public static (StoredObject Object, bool Gone) Delete(
        Cluster cluster,
        Kind kind,
        string? ns,
        string name,
        DeleteOptions options
    ) =>
        cluster.Write(() =>
        {
            var stored = cluster.Store.Find(kind.Collection, ns, name) ?? throw Failures.NotFound(kind, name);
            CheckPreconditions(kind, stored, options);
            Namespaces.CheckDeletable(kind, name);
            var before = stored.Document();
            var marked = Mark(cluster, kind, before, options);
            if (options.DryRun)
            {
                return (StoredObject.Of(marked, stored.ResourceVersion), IsComplete(marked));
            }

            var complete = IsComplete(marked);
            // A pod is seen to be deleted before it is gone, as every watcher of pods expects.
            if ((!complete || kind.Collection == Pods) && !Metadata.IsSame(marked, before))
            {
                stored = cluster.Put(kind.Collection, stored, marked);
            }

            return complete ? (cluster.Remove(kind.Collection, stored), true) : (stored, false);
        });

    /// <summary>True for a deleted object that nothing holds any more.</summary>
    public static bool IsComplete(JsonObject document)
    {
        var metadata = Metadata.Of(document);
        return metadata["deletionTimestamp"] is not null
            && Metadata.Finalizers(document).Count == 0
            && (metadata["deletionGracePeriodSeconds"].Integer() ?? 0) == 0
            && !(document["spec"]?["finalizers"]).Texts().Any();
    }

    private static JsonObject Mark(Cluster cluster, Kind kind, JsonObject before, DeleteOptions options)
    {
        var document = (JsonObject)before.DeepClone();
        var metadata = Metadata.Of(document);
        var grace = kind.Collection == Pods ? GraceOf(document, options) : 0;
        if (metadata["deletionTimestamp"] is null)
        {
            metadata["deletionTimestamp"] = Fields.Time(cluster.Now.AddSeconds(grace));
            Metadata.SetFinalizers(
                document,
                Metadata
                    .Finalizers(document)
                    .Except([ForegroundFinalizer, OrphanFinalizer])
                    .Concat(
                        options.Propagation switch
                        {
                            Propagation.Foreground => [ForegroundFinalizer],
                            Propagation.Orphan => [OrphanFinalizer],
                            _ => (string[])[],
                        }
                    )
            );
            switch (kind.Collection)
            {
                case Namespaces.Collection:
                    Namespaces.Mark(document);
                    break;
                case Definitions.Collection:
                    Definitions.Mark(document, cluster.Now);
                    break;
                default:
                    metadata["deletionGracePeriodSeconds"] = grace;
                    if (metadata["generation"].Integer() is { } generation)
                    {
                        metadata["generation"] = generation + 1;
                    }

                    break;
            }
        }
        else if (grace < (metadata["deletionGracePeriodSeconds"].Integer() ?? 0))
        {
            Shorten(metadata, grace);
        }

        return document;
    }

    /// <summary>A second deletion can bring the end nearer, never farther; counted from the first one.</summary>
    private static void Shorten(JsonObject metadata, long grace)
    {
        var end = DateTimeOffset.Parse(metadata["deletionTimestamp"].Text()!, CultureInfo.InvariantCulture);
        var begin = end.AddSeconds(-(metadata["deletionGracePeriodSeconds"].Integer() ?? 0));
        metadata["deletionTimestamp"] = Fields.Time(begin.AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
    }

    /// <summary>Nobody waits for a pod that has no node or has ended.</summary>
    private static long GraceOf(JsonObject pod, DeleteOptions options)
    {
        var scheduled = pod["spec"]?["nodeName"].Text() is { Length: > 0 };
        var ended = pod["status"]?["phase"].Text() is "Succeeded" or "Failed";
        return !scheduled || ended
            ? 0
            : Math.Max(
                0,
                options.GracePeriodSeconds
                    ?? pod["spec"]?["terminationGracePeriodSeconds"].Integer()
                    ?? DefaultGraceSeconds
            );
    }

    private static void CheckPreconditions(Kind kind, StoredObject stored, DeleteOptions options)
    {
        if (options.Uid is { } uid && uid != stored.Uid)
        {
            throw Failures.PreconditionFailed(
                kind,
                stored.Name,
                $"the UID in the precondition ({uid}) does not match the UID in record ({stored.Uid}). "
                    + "The object might have been deleted and then recreated"
            );
        }

        var current = stored.ResourceVersion.ToString(CultureInfo.InvariantCulture);
        if (options.ResourceVersion is { } version && version != current)
        {
            throw Failures.PreconditionFailed(
                kind,
                stored.Name,
                $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record "
                    + $"({current}). The object might have been modified"
            );
        }
    }
}
