using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Lifecycle;

/// <summary>CustomResourceDefinitions: their kinds are served once their names are accepted, and go with their objects.</summary>
internal static class Definitions
{
    public const string Collection = "customresourcedefinitions.apiextensions.k8s.io";
    private const string Finalizer = "customresourcecleanup.apiextensions.k8s.io";

    /// <summary>A new definition has no names yet; its objects will be stored in one version.</summary>
    public static void Begin(JsonObject document) =>
        document["status"] = new JsonObject
        {
            ["conditions"] = null,
            ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" },
            ["storedVersions"] = new JsonArray([.. StorageVersion(document)]),
        };

    /// <summary>A deleted definition waits for its objects to go.</summary>
    public static void Mark(JsonObject document, DateTimeOffset now)
    {
        Metadata.SetFinalizers(document, Metadata.Finalizers(document).Append(Finalizer).Distinct());
        SetCondition(
            document,
            "Terminating",
            true,
            "InstanceDeletionPending",
            "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
            now
        );
    }

    public static void Follow(Cluster cluster, Change change)
    {
        if (change.Collection != Collection)
        {
            if (change.Type == ChangeType.Deleted)
            {
                Finish(cluster, change.Collection);
            }
        }
        else if (change.Type == ChangeType.Deleted)
        {
            cluster.LoadKinds();
        }
        else if (change.New.IsDeleting)
        {
            DeleteObjects(cluster, change.New.Name);
            Finish(cluster, change.New.Name);
        }
        else if (change.Type == ChangeType.Added || !SameSpec(change))
        {
            AcceptNames(cluster, change.New);
            cluster.LoadKinds();
        }
    }

    private static void AcceptNames(Cluster cluster, StoredObject stored)
    {
        var document = stored.Document();
        var names = (JsonObject)document["spec"]!["names"]!;
        var group = document["spec"]!["group"].Text()!;
        var taken = Taken(cluster, group, names["plural"].Text()!, names);
        var status = document.Child("status");
        if (status["conditions"] is null)
        {
            status["conditions"] = new JsonArray();
        }

        status["storedVersions"] = new JsonArray([
            .. status["storedVersions"]
                .Texts()
                .Concat(StorageVersion(document).Select(version => version.Text()!))
                .Distinct()
                .Select(version => (JsonNode)version),
        ]);
        if (taken is not null)
        {
            SetCondition(document, "NamesAccepted", false, taken.Value.Reason, taken.Value.Message, cluster.Now);
            SetCondition(
                document,
                "Established",
                Fields.HasCondition(document, "Established"),
                "NotAccepted",
                "not all names are accepted",
                cluster.Now
            );
        }
        else
        {
            status["acceptedNames"] = names.DeepClone();
            SetCondition(document, "NamesAccepted", true, "NoConflicts", "no conflicts found", cluster.Now);
            SetCondition(
                document,
                "Established",
                true,
                "InitialNamesAccepted",
                "the initial names have been accepted",
                cluster.Now
            );
        }

        if (!Metadata.IsSame(document, stored.Document()))
        {
            cluster.Put(Collection, stored, document);
        }
    }

    private static IEnumerable<JsonNode> StorageVersion(JsonObject document) =>
        (document["spec"]?["versions"])
            .Objects()
            .Where(version => version["storage"].Flag() == true)
            .Select(version => version["name"]!.DeepClone());

    /// <summary>Why its names are refused: another kind of the group has one of them.</summary>
    private static (string Reason, string Message)? Taken(
        Cluster cluster,
        string group,
        string plural,
        JsonObject names
    )
    {
        var others = cluster.Kinds.All.Where(kind => kind.Group == group && kind.Plural != plural).ToList();
        var resources = others
            .SelectMany(kind => kind.ShortNames.Append(kind.Plural).Append(kind.Singular))
            .ToHashSet();
        foreach (var name in names["shortNames"].Texts().Prepend(names["singular"].Text() ?? plural))
        {
            if (resources.Contains(name))
            {
                return ("NameConflict", $"\"{name}\" is already in use");
            }
        }

        var kindName = names["kind"].Text()!;
        return others.Any(kind => kind.Name == kindName) ? ("KindConflict", $"\"{kindName}\" is already in use") : null;
    }

    private static void DeleteObjects(Cluster cluster, string collection)
    {
        if (cluster.Kinds.StorageOf.TryGetValue(collection, out var kind))
        {
            foreach (var stored in cluster.Store.Collection(collection).Objects.Where(stored => !stored.IsDeleting))
            {
                Deletion.Delete(cluster, kind, stored.Namespace, stored.Name, new());
            }
        }
    }

    private static void Finish(Cluster cluster, string name)
    {
        if (
            cluster.Store.Find(Collection, null, name) is not { IsDeleting: true } stored
            || cluster.Store.Collection(name).Objects.Count > 0
        )
        {
            return;
        }

        var document = stored.Document();
        Metadata.SetFinalizers(document, Metadata.Finalizers(document).Where(finalizer => finalizer != Finalizer));
        if (Deletion.IsComplete(document))
        {
            cluster.Remove(Collection, stored, document);
        }
        else if (!Metadata.IsSame(document, stored.Document()))
        {
            cluster.Put(Collection, stored, document);
        }
    }

    private static bool SameSpec(Change change) =>
        JsonNode.DeepEquals(change.Old!.Document()["spec"], change.New.Document()["spec"]);

    private static void SetCondition(
        JsonObject document,
        string type,
        bool value,
        string reason,
        string message,
        DateTimeOffset now
    )
    {
        var status = document.Child("status");
        var conditions = (status["conditions"] as JsonArray) ?? [];
        status["conditions"] = conditions;
        var old = conditions.Objects().FirstOrDefault(condition => condition["type"].Text() == type);
        var text = value ? "True" : "False";
        var condition = new JsonObject
        {
            ["type"] = type,
            ["status"] = text,
            ["lastTransitionTime"] =
                old is not null && old["status"].Text() == text
                    ? old["lastTransitionTime"]?.DeepClone()
                    : Fields.Time(now),
            ["reason"] = reason,
            ["message"] = message,
        };
        if (old is null)
        {
            conditions.Add((JsonNode)condition);
        }
        else
        {
            conditions[conditions.IndexOf(old)] = condition;
        }
    }
}
