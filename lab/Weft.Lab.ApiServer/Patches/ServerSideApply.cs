using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Patches;

/// <summary>A field that another manager owns.</summary>
/// <param name="Manager">The owner, as a Status names it.</param>
/// <param name="Field">The path, such as .spec.replicas.</param>
public sealed record ApplyConflict(string Manager, string Field);

/// <summary>What became of an apply.</summary>
/// <param name="Object">The object to store, not yet defaulted; null when there are conflicts.</param>
/// <param name="Conflicts">The causes (reason FieldManagerConflict) of the 409.</param>
public sealed record ApplyResult(JsonObject? Object, IReadOnlyList<ApplyConflict> Conflicts)
{
    /// <summary>The message of the 409.</summary>
    public string Message
    {
        get
        {
            if (Conflicts is [var only])
            {
                return $"Apply failed with 1 conflict: conflict with {only.Manager}: {only.Field}";
            }
            var lines = Conflicts
                .GroupBy(conflict => conflict.Manager)
                .SelectMany(group =>
                    group.Select(conflict => $"- {conflict.Field}").Prepend($"conflicts with {group.Key}:")
                );
            return $"Apply failed with {Conflicts.Count} conflicts: {string.Join("\n", lines)}";
        }
    }

    /// <summary>The causes of the 409: reason, message and field.</summary>
    public IEnumerable<FieldError> Causes =>
        Conflicts.Select(conflict => new FieldError(
            "FieldManagerConflict",
            conflict.Field,
            $"conflict with {conflict.Manager}"
        ));
}

/// <summary>Server-side apply (KEP-555).</summary>
public static class ServerSideApply
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>
    /// Merges what a manager applies into the live object, removes what it no longer applies and nobody else owns, and
    /// keeps the managedFields. Throws <see cref="PatchException"/> for a configuration that cannot be applied.
    /// </summary>
    public static ApplyResult Apply(
        JsonObject? live,
        JsonObject applied,
        string manager,
        bool force,
        string apiVersion,
        string? subresource,
        DateTimeOffset now,
        KindSchema? schema
    )
    {
        if (applied["apiVersion"].Text() is { } version && version != apiVersion)
        {
            throw PatchException.BadRequest(
                $"Incorrect version specified in apply patch. Specified patch version: {version}, expected: {apiVersion}"
            );
        }
        if (applied.At("metadata", "managedFields") is not null)
        {
            throw PatchException.BadRequest("metadata.managedFields must be nil");
        }
        Check(applied, schema);
        var request = new Request(
            live,
            applied,
            FieldManager.Applier(manager, subresource),
            apiVersion,
            subresource,
            now,
            schema
        );
        var result = request.Run(force);
        // kubectl takes over what kubectl's client-side apply set, as far as nobody changed it since.
        if (result.Conflicts.Count > 0 && manager == "kubectl" && request.SetByClientSideApply() is { } own)
        {
            var others = request.Conflicts.Where(conflict => !own.Contains(conflict.Path)).ToArray();
            result =
                others.Length == 0
                    ? request.Run(force: true)
                    : new ApplyResult(
                        null,
                        [
                            .. others.Select(conflict => new ApplyConflict(
                                conflict.Manager,
                                FieldSet.Print(conflict.Path)
                            )),
                        ]
                    );
        }
        if (
            manager == "kubectl"
            && result.Object?.At("metadata", "annotations") is JsonObject annotations
            && annotations[LastApplied].Text() is { Length: > 0 }
        )
        {
            annotations[LastApplied] = LastAppliedOf(applied);
        }
        return result;
    }

    /// <summary>The annotation, in the order of keys that Go's encoder has.</summary>
    private static string LastAppliedOf(JsonObject applied)
    {
        var copy = applied.DeepClone().AsObject();
        (copy.At("metadata", "annotations") as JsonObject)?.Remove(LastApplied);
        return Sorted(copy)!.ToJsonString() + "\n";

        static JsonNode? Sorted(JsonNode? node) =>
            node switch
            {
                JsonObject o => new JsonObject(
                    o.OrderBy(m => m.Key, StringComparer.Ordinal)
                        .Select(m => KeyValuePair.Create(m.Key, Sorted(m.Value)))
                ),
                JsonArray a => new JsonArray([.. a.Select(Sorted)]),
                _ => node?.DeepClone(),
            };
    }

    /// <summary>Refuses fields the schema does not declare, and list elements that cannot be told apart.</summary>
    private static void Check(JsonObject applied, KindSchema? schema)
    {
        var errors = new List<string>();
        Visit(applied, schema, "");
        if (errors.Count > 0)
        {
            var name = $"{applied.At("metadata", "namespace").Text()}/{applied.At("metadata", "name").Text()}";
            var group = applied["apiVersion"].Text() ?? "";
            group = group.Contains('/', StringComparison.Ordinal) ? group : "/" + group;
            var what = errors.Count == 1 ? errors[0] : "errors:\n" + string.Join("\n", errors.Select(e => "  " + e));
            throw new PatchException(
                500,
                "",
                $"failed to create typed patch object ({name}; {group}, Kind={applied["kind"].Text()}): {what}"
            );
        }

        void Visit(JsonNode? value, KindSchema? node, string path)
        {
            if (node is null || node.PreserveUnknown && node.Properties.Count == 0)
            {
                return;
            }
            foreach (var (name, member) in value.Members())
            {
                if (node.Member(name) is { } field)
                {
                    Visit(member, field, $"{path}.{name}");
                }
                else if (
                    !node.PreserveUnknown
                    && node.Type == "object"
                    && !(path.Length == 0 && name is "apiVersion" or "kind" or "metadata")
                )
                {
                    errors.Add($"{path}.{name}: field not declared in schema");
                }
            }
            var seen = new HashSet<string>();
            for (var i = 0; value is JsonArray list && i < list.Count; i++)
            {
                var at = $"[{i}]";
                if (node.ListType != ListType.Atomic)
                {
                    try
                    {
                        var element = TypedValue.Element(node, list[i]);
                        at = FieldSet.Print([element]);
                        if (!seen.Add(element))
                        {
                            errors.Add($"{path}: duplicate entries for key {at}");
                        }
                    }
                    catch (FormatException e)
                    {
                        errors.Add($"{path}: element {i}: {e.Message}");
                        continue;
                    }
                }
                Visit(list[i], node.Items, path + at);
            }
        }
    }

    private sealed record Request(
        JsonObject? Live,
        JsonObject Applied,
        FieldManager Self,
        string ApiVersion,
        string? Subresource,
        DateTimeOffset Now,
        KindSchema? Schema
    )
    {
        public List<(string Manager, string[] Path)> Conflicts { get; private set; } = [];

        public ApplyResult Run(bool force)
        {
            var live = ManagedFields.Comparable(Live ?? ManagedFields.Empty(Applied), Schema);
            var managers = Managers(live);
            var ignored = ManagedFields.Ignored(Subresource, Schema);

            // 1. Merge, and own what is applied.
            var merged = TypedValue.Merge(live, Applied, Schema);
            var last = managers.GetValueOrDefault(Self);
            managers[Self] = new ManagedEntry(
                TypedValue.Fields(Applied, Schema).ExceptTrees(ignored),
                ApiVersion,
                last?.Time
            );

            // 2. Remove what this manager owned and no longer applies, unless another owns it.
            if (last is not null)
            {
                merged = Prune(merged, last.Fields, managers);
            }

            // 3. A change of a field that another owns is a conflict, or takes the field from it.
            var changes = ManagedFields.Without(
                TypedValue.Compare(live, ManagedFields.Comparable(merged, Schema), Schema),
                ignored
            );
            var changed = changes.Modified.Union(changes.Added);
            Conflicts =
            [
                .. managers
                    .Where(entry => entry.Key != Self)
                    .OrderBy(entry => entry.Key.Name, StringComparer.Ordinal)
                    .SelectMany(entry =>
                        entry
                            .Value.Fields.Intersect(changed)
                            .Paths()
                            .Select(path => (entry.Key.Print(entry.Value.Time), path))
                    ),
            ];
            if (Conflicts.Count > 0 && !force)
            {
                return new ApplyResult(
                    null,
                    [.. Conflicts.Select(c => new ApplyConflict(c.Manager, FieldSet.Print(c.Path)))]
                );
            }
            ManagedFields.Disown(managers, changes, except: Self);

            // 4. Only a change of the object itself counts as a new time.
            var differs = Live is null || !JsonNode.DeepEquals(live, merged);
            var owned = ManagedFields.Owned(managers[Self].Fields);
            if (owned.IsEmpty)
            {
                managers.Remove(Self);
            }
            else
            {
                managers[Self] = new ManagedEntry(owned, ApiVersion, differs ? Now : last?.Time);
            }
            Zeroes.Normalize(merged, Schema);
            ManagedFields.Store(merged, managers);
            return new ApplyResult(merged, []);
        }

        /// <summary>What the live object still has as kubectl's client-side apply set it; null without its annotation.</summary>
        public FieldSet? SetByClientSideApply()
        {
            if (Live?.At("metadata", "annotations", LastApplied).Text() is not { Length: > 0 } text)
            {
                return null;
            }
            try
            {
                if (JsonNode.Parse(text) is not JsonObject last || last["apiVersion"].Text() != ApiVersion)
                {
                    return null;
                }
                var (added, modified, removed) = TypedValue.Compare(
                    last,
                    ManagedFields.Comparable(Live, Schema),
                    Schema
                );
                return TypedValue.Fields(last, Schema).Except(added).Except(modified).Except(removed);
            }
            catch (Exception e) when (e is System.Text.Json.JsonException or FormatException)
            {
                // Anyone can write this annotation; one that is no configuration proves nothing.
                return null;
            }
        }

        private Dictionary<FieldManager, ManagedEntry> Managers(JsonObject live)
        {
            var managers = ManagedEntry.Read(Live?.At("metadata", "managedFields"));
            if (managers.Count == 0 && Live is not null)
            {
                // Nobody knows who set what is there, but it is not the one that applies now.
                var (added, modified, _) = TypedValue.Compare(
                    ManagedFields.Comparable(ManagedFields.Empty(Applied), Schema),
                    live,
                    Schema
                );
                var fields = ManagedFields.Owned(added.Union(modified));
                if (!fields.IsEmpty)
                {
                    managers[FieldManager.Updater("before-first-apply", ApiVersion, null)] = new ManagedEntry(
                        fields,
                        ApiVersion,
                        Now
                    );
                }
            }
            return managers;
        }

        private JsonObject Prune(JsonObject merged, FieldSet last, Dictionary<FieldManager, ManagedEntry> managers)
        {
            FieldSet Whole(FieldSet set) => set.WithDeclaredParents(Schema);
            var all = Whole(TypedValue.Fields(merged, Schema));
            var owned = managers.Values.Aggregate(new FieldSet(), (sum, entry) => sum.Union(entry.Fields));

            // What loses everything below it goes too, so the set of what remains is taken anew after each step.
            var pruned = TypedValue.Remove(merged, Whole(last), Schema);
            pruned = TypedValue.Remove(
                merged,
                all.Except(Whole(TypedValue.Fields(pruned, Schema)).Union(Whole(owned))),
                Schema
            );
            return TypedValue.Remove(
                merged,
                all.Except(Whole(TypedValue.Fields(pruned, Schema))).Intersect(Whole(last)),
                Schema
            );
        }
    }
}
