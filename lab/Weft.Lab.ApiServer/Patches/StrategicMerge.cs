using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Patches;

/// <summary>
/// Strategic merge patch: a merge patch in which lists whose elements have a merge key are merged element by element, with
/// directives in the patch (<c>$patch</c>, <c>$retainKeys</c>, <c>$setElementOrder/x</c>, <c>$deleteFromPrimitiveList/x</c>).
/// </summary>
public static class StrategicMerge
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string SetElementOrder = "$setElementOrder/";
    private const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList/";

    /// <summary>The patched document; neither argument changes. Throws <see cref="PatchException"/>.</summary>
    public static JsonObject Apply(JsonObject doc, JsonObject patch, KindSchema? schema) =>
        Merge(doc.DeepClone().AsObject(), patch, schema);

    private static JsonObject Merge(JsonObject target, JsonObject patch, KindSchema? schema)
    {
        switch (patch[Directive].Text())
        {
            case "replace":
                return WithoutDirectives(patch);
            case "delete":
                return [];
            case null when !patch.ContainsKey(Directive):
                break;
            case var other:
                throw PatchException.Unprocessable($"unknown patch type {other} found");
        }
        if (patch[RetainKeys] is JsonArray retained)
        {
            Retain(target, patch, retained);
        }
        foreach (var (name, value) in patch)
        {
            if (name is RetainKeys || name.StartsWith(SetElementOrder, StringComparison.Ordinal))
            {
                continue;
            }
            if (name.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal))
            {
                DeleteElements(target[name[DeleteFromPrimitiveList.Length..]] as JsonArray, value);
                continue;
            }
            var field = schema?.Member(name);
            switch (target[name], value)
            {
                case (_, null):
                    target.Remove(name);
                    break;
                case (JsonObject members, JsonObject changes):
                    target.Remove(name);
                    target[name] = Merge(members, changes, field);
                    break;
                case (JsonArray elements, JsonArray changes) when field?.PatchMerge == true:
                    target[name] = MergeList(
                        elements,
                        changes,
                        field,
                        patch[SetElementOrder + name] as JsonArray ?? changes
                    );
                    break;
                case (_, JsonObject added):
                    if (added[Directive].Text() == "delete")
                    {
                        target.Remove(name);
                    }
                    else
                    {
                        target[name] = WithoutDirectives(added);
                    }
                    break;
                case (_, JsonArray added):
                    target[name] = WithoutDirectives(added);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }
        foreach (var (name, value) in patch)
        {
            // The order also holds for a list that has no other change.
            if (
                name.StartsWith(SetElementOrder, StringComparison.Ordinal)
                && value is JsonArray order
                && !patch.ContainsKey(name[SetElementOrder.Length..])
                && schema?.Member(name[SetElementOrder.Length..]) is { PatchMerge: true } field
                && target[name[SetElementOrder.Length..]] is JsonArray elements
            )
            {
                target[name[SetElementOrder.Length..]] = Ordered(elements, elements, order, field.PatchMergeKey);
            }
        }
        return target;
    }

    private static JsonArray MergeList(JsonArray live, JsonArray patch, KindSchema schema, JsonArray order)
    {
        if (schema.PatchMergeKey is not { } key)
        {
            var all = new JsonArray();
            foreach (var element in live.Concat(patch))
            {
                if (!all.Any(known => JsonNode.DeepEquals(known, element)))
                {
                    all.Add(element?.DeepClone());
                }
            }
            return Ordered(all, live, order, null);
        }

        var merged = live.Select(element => element?.DeepClone()).ToList();
        var changes = new List<JsonObject>();
        var replace = false;
        foreach (var element in patch)
        {
            if (element is not JsonObject change)
            {
                throw PatchException.Unprocessable("the elements of a merged list are objects");
            }
            switch (change[Directive].Text())
            {
                case null:
                    changes.Add(change);
                    break;
                case "delete":
                    var deleted = KeyOf(change, key);
                    merged.RemoveAll(known => known is JsonObject o && JsonNode.DeepEquals(o[key], deleted));
                    break;
                case "replace":
                    replace = true;
                    break;
                case var other:
                    throw PatchException.Unprocessable($"unknown patch type {other} found");
            }
        }
        if (replace)
        {
            return WithoutDirectives(new JsonArray([.. changes.Select(change => change.DeepClone())]));
        }
        foreach (var change in changes)
        {
            var value = KeyOf(change, key);
            var index = merged.FindIndex(known => known is JsonObject o && JsonNode.DeepEquals(o[key], value));
            if (index >= 0)
            {
                merged[index] = Merge(merged[index]!.AsObject(), change, schema.Items);
            }
            else
            {
                merged.Add(WithoutDirectives(change));
            }
        }
        return Ordered(new JsonArray([.. merged]), live, order, key);
    }

    private static JsonNode KeyOf(JsonObject element, string key) =>
        element[key]
        ?? throw PatchException.Unprocessable(
            $"map: {element.ToJsonString()} does not contain declared merge key: {key}"
        );

    /// <summary>
    /// Elements that the order names take that order; the others keep their place before those they were before.
    /// </summary>
    private static JsonArray Ordered(JsonArray elements, JsonArray before, JsonArray order, string? key)
    {
        int Index(JsonArray list, JsonNode? element)
        {
            for (var i = 0; i < list.Count; i++)
            {
                if (
                    key is null
                        ? JsonNode.DeepEquals(list[i], element)
                        : JsonNode.DeepEquals(list[i].At(key), element.At(key))
                )
                {
                    return i;
                }
            }
            return -1;
        }

        var named = new Queue<JsonNode?>(elements.Where(e => Index(order, e) >= 0).OrderBy(e => Index(order, e)));
        var others = new Queue<JsonNode?>(elements.Where(e => Index(order, e) < 0).OrderBy(e => Index(before, e)));
        var result = new JsonArray();
        while (named.Count + others.Count > 0)
        {
            var takeOther =
                named.Count == 0
                || others.Count > 0
                    && Index(before, others.Peek()) is >= 0 and var other
                    && Index(before, named.Peek()) is >= 0 and var next
                    && other < next;
            result.Add((takeOther ? others : named).Dequeue()?.DeepClone());
        }
        return result;
    }

    private static void Retain(JsonObject target, JsonObject patch, JsonArray retained)
    {
        var names = retained.Texts().ToHashSet();
        foreach (var (name, value) in patch)
        {
            if (value is not null && name[0] != '$' && !names.Contains(name))
            {
                throw PatchException.BadRequest("$retainKeys directive has to contain all the keys in the patch");
            }
        }
        foreach (var (name, _) in target.ToArray())
        {
            if (!names.Contains(name))
            {
                target.Remove(name);
            }
        }
    }

    private static void DeleteElements(JsonArray? list, JsonNode? deleted)
    {
        foreach (
            var value in deleted as JsonArray
                ?? throw PatchException.BadRequest("invalid patch format of primitive list")
        )
        {
            for (var i = (list?.Count ?? 0) - 1; i >= 0; i--)
            {
                if (JsonNode.DeepEquals(list![i], value))
                {
                    list.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>A copy of what a patch adds, without its directives and nulls.</summary>
    private static JsonObject WithoutDirectives(JsonObject added)
    {
        var copy = new JsonObject();
        foreach (var (name, value) in added)
        {
            if (
                value is null
                || name is Directive or RetainKeys
                || name.StartsWith(SetElementOrder, StringComparison.Ordinal)
                || name.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal)
            )
            {
                continue;
            }
            copy[name] = value switch
            {
                JsonObject o => WithoutDirectives(o),
                JsonArray a => WithoutDirectives(a),
                _ => value.DeepClone(),
            };
        }
        return copy;
    }

    private static JsonArray WithoutDirectives(JsonArray added)
    {
        var copy = new JsonArray();
        foreach (var element in added)
        {
            if (element is JsonObject o)
            {
                if (!o.ContainsKey(Directive))
                {
                    copy.Add((JsonNode)WithoutDirectives(o));
                }
            }
            else
            {
                copy.Add(element?.DeepClone());
            }
        }
        return copy;
    }
}
