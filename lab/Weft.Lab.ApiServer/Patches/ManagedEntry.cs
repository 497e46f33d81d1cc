using System.Globalization;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Patches;

/// <summary>Who owns fields: the identity of a metav1.ManagedFieldsEntry. An applier is the same in every version.</summary>
internal readonly record struct FieldManager(string Name, bool Applies, string ApiVersion, string Subresource)
{
    public static FieldManager Applier(string name, string? subresource) => new(name, true, "", subresource ?? "");

    public static FieldManager Updater(string name, string apiVersion, string? subresource) =>
        new(name, false, apiVersion, subresource ?? "");

    /// <summary>As conflicts name it.</summary>
    public string Print(DateTimeOffset? time)
    {
        var name = Subresource.Length == 0 ? $"\"{Name}\"" : $"\"{Name}\" with subresource \"{Subresource}\"";
        return Applies ? name
            : time is { } at ? $"{name} using {ApiVersion} at {ManagedEntry.Print(at)}"
            : $"{name} using {ApiVersion}";
    }
}

/// <summary>The fields of a manager and when it last changed the object.</summary>
internal sealed record ManagedEntry(FieldSet Fields, string ApiVersion, DateTimeOffset? Time)
{
    public static string Print(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads metadata.managedFields; throws <see cref="PatchException"/> for entries that mean nothing.</summary>
    public static Dictionary<FieldManager, ManagedEntry> Read(JsonNode? managedFields)
    {
        var entries = new Dictionary<FieldManager, ManagedEntry>();
        foreach (var entry in managedFields.Objects())
        {
            var applies = entry["operation"].Text() switch
            {
                "Apply" => true,
                "Update" => false,
                _ => throw PatchException.BadRequest("operation must be `Apply` or `Update`"),
            };
            if (
                entry["apiVersion"].Text() is not { Length: > 0 } apiVersion
                || entry["fieldsType"].Text() != "FieldsV1"
            )
            {
                throw PatchException.BadRequest(
                    "an entry of managedFields needs an apiVersion and fieldsType FieldsV1"
                );
            }
            var manager = new FieldManager(
                entry["manager"].Text() ?? "",
                applies,
                applies ? "" : apiVersion,
                entry["subresource"].Text() ?? ""
            );
            DateTimeOffset? time = DateTimeOffset.TryParse(
                entry["time"].Text(),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var parsed
            )
                ? parsed
                : null;
            entries[manager] = new ManagedEntry(
                FieldSet.FromFieldsV1(entry["fieldsV1"] as JsonObject ?? []),
                apiVersion,
                time
            );
        }
        return entries;
    }

    /// <summary>metadata.managedFields in the order the real server writes: appliers first, then by time and name.</summary>
    public static JsonArray Write(Dictionary<FieldManager, ManagedEntry> entries)
    {
        var sorted = entries
            .OrderBy(e => e.Key.Applies ? 0 : 1)
            .ThenBy(e => e.Value.Time?.ToUnixTimeSeconds() ?? 0)
            .ThenBy(e => e.Key.Name, StringComparer.Ordinal)
            .ThenBy(e => e.Value.ApiVersion, StringComparer.Ordinal)
            .ThenBy(e => e.Key.Subresource, StringComparer.Ordinal);
        var list = new JsonArray();
        foreach (var (manager, entry) in sorted)
        {
            var written = new JsonObject
            {
                ["manager"] = manager.Name,
                ["operation"] = manager.Applies ? "Apply" : "Update",
                ["apiVersion"] = entry.ApiVersion,
            };
            if (entry.Time is { } time)
            {
                written["time"] = Print(time);
            }
            written["fieldsType"] = "FieldsV1";
            written["fieldsV1"] = entry.Fields.ToFieldsV1();
            if (manager.Subresource.Length > 0)
            {
                written["subresource"] = manager.Subresource;
            }
            list.Add((JsonNode)written);
        }
        return list;
    }
}
