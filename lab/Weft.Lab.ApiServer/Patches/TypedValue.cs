using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Patches;

/// <summary>
/// What server-side apply asks of a value and its schema (structured-merge-diff): which fields it has, which of them
/// differ from another value, the two merged, and some taken away.
/// </summary>
internal static class TypedValue
{
    /// <summary>A value that is not there, as opposed to null.</summary>
    private static readonly JsonNode Absent = new JsonObject();

    private enum Shape
    {
        Scalar,
        List,
        Map,
    }

    /// <summary>The schema of what a path element selects.</summary>
    public static KindSchema? Schema(KindSchema? schema, string element) =>
        element[0] == 'f' ? schema?.Member(element[2..]) : schema?.Items;

    /// <summary>The fields that a value has: its leaves, the elements of its lists and the entries of its maps.</summary>
    public static FieldSet Fields(JsonNode? value, KindSchema? schema)
    {
        var set = new FieldSet();
        AddFields(value, schema, [], set);
        return set;
    }

    /// <summary>The fields that were added, changed and removed from one value to another.</summary>
    public static (FieldSet Added, FieldSet Modified, FieldSet Removed) Compare(
        JsonNode? before,
        JsonNode? after,
        KindSchema? schema
    )
    {
        var result = (Added: new FieldSet(), Modified: new FieldSet(), Removed: new FieldSet());
        Compare(before, after, schema, [], result);
        return result;
    }

    /// <summary>The live value with what the applied one says.</summary>
    public static JsonObject Merge(JsonObject live, JsonObject applied, KindSchema? schema) =>
        Merge((JsonNode)live, applied, schema) as JsonObject ?? [];

    /// <summary>The value without the fields of a set; objects and lists that lose everything go too.</summary>
    public static JsonObject Remove(JsonObject value, FieldSet fields, KindSchema? schema) =>
        RemoveFields(value, fields, schema) is JsonObject rest && !ReferenceEquals(rest, Absent) ? rest : [];

    /// <summary>
    /// The path element of a list's element: its keys (with their defaults) or itself. Throws for an element that cannot
    /// be told from others.
    /// </summary>
    public static string Element(KindSchema list, JsonNode? element)
    {
        if (list.ListType == ListType.Set)
        {
            return FieldSet.Value(element);
        }
        if (element is not JsonObject members)
        {
            throw new FormatException("associative list with keys may not have non-map elements");
        }
        var keys = new JsonObject();
        foreach (var key in list.ListKeys.Order(StringComparer.Ordinal))
        {
            if ((members[key] ?? list.Items?.Properties.GetValueOrDefault(key)?.Default) is { } value)
            {
                keys[key] = value.DeepClone();
            }
        }
        return keys.Count > 0
            ? FieldSet.Key(keys)
            : throw new FormatException(
                $"associative list with keys has an element that omits all key fields [{string.Join(" ", list.ListKeys.Select(k => $"\"{k}\""))}] (and doesn't have default values for any key fields)"
            );
    }

    private static void AddFields(JsonNode? value, KindSchema? schema, string[] path, FieldSet set)
    {
        switch (ShapeOf(value, schema))
        {
            case Shape.Map when schema?.AtomicMap != true:
                foreach (var (name, member) in value.Members())
                {
                    string[] memberPath = [.. path, FieldSet.Field(name)];
                    AddFields(member, schema?.Member(name), memberPath, set);
                    if (member is null or JsonObject { Count: 0 } || schema?.Properties.ContainsKey(name) != true)
                    {
                        set.Add(memberPath);
                    }
                }
                break;
            case Shape.List when schema is not null && schema.ListType != ListType.Atomic:
                foreach (var group in Elements(value, schema))
                {
                    string[] elementPath = [.. path, group.Key];
                    set.Add(elementPath);
                    // Elements that share their keys are owned together, as one value.
                    if (group.Value is [var only])
                    {
                        AddFields(only, schema.Items, elementPath, set);
                    }
                }
                break;
            default:
                set.Add(path);
                break;
        }
    }

    private static void Compare(
        JsonNode? before,
        JsonNode? after,
        KindSchema? schema,
        string[] path,
        (FieldSet Added, FieldSet Modified, FieldSet Removed) result
    )
    {
        bool had = !ReferenceEquals(before, Absent),
            has = !ReferenceEquals(after, Absent);
        var shape = ShapeOf(has && after is not null || !had ? after : before, schema);
        var isLeaf = shape switch
        {
            Shape.Map => schema?.AtomicMap == true || IsEmpty(before) && IsEmpty(after),
            Shape.List => schema is null || schema.ListType == ListType.Atomic || IsEmpty(before) && IsEmpty(after),
            _ => true,
        };
        if (isLeaf && had && has)
        {
            if (!JsonNode.DeepEquals(before, after))
            {
                result.Modified.Add(path);
            }
            return;
        }
        if (!had)
        {
            result.Added.Add(path);
        }
        else if (!has)
        {
            result.Removed.Add(path);
        }
        if (isLeaf)
        {
            return;
        }
        if (shape == Shape.Map)
        {
            foreach (var name in Names(before, after))
            {
                Compare(
                    Get(before, name),
                    Get(after, name),
                    schema?.Member(name),
                    [.. path, FieldSet.Field(name)],
                    result
                );
            }
            return;
        }
        var elementsBefore = Elements(before, schema!);
        var elementsAfter = Elements(after, schema!);
        foreach (var element in elementsBefore.Keys.Union(elementsAfter.Keys))
        {
            var olds = elementsBefore.GetValueOrDefault(element, []);
            var news = elementsAfter.GetValueOrDefault(element, []);
            string[] elementPath = [.. path, element];
            if (olds.Count <= 1 && news.Count <= 1)
            {
                Compare(olds.FirstOrDefault(Absent), news.FirstOrDefault(Absent), schema!.Items, elementPath, result);
            }
            else if (olds.Count >= 2 && news.Count >= 2)
            {
                if (
                    olds.Count != news.Count
                    || !olds.Zip(news).All(pair => JsonNode.DeepEquals(pair.First, pair.Second))
                )
                {
                    result.Modified.Add(elementPath);
                }
            }
            else if (olds.Count >= 2)
            {
                Compare(Absent, news.FirstOrDefault(Absent), schema!.Items, elementPath, result);
                result.Removed.Add(elementPath);
            }
            else
            {
                Compare(olds.FirstOrDefault(Absent), Absent, schema!.Items, elementPath, result);
                result.Added.Add(elementPath);
            }
        }
    }

    private static JsonNode? Merge(JsonNode? live, JsonNode? applied, KindSchema? schema)
    {
        if (ReferenceEquals(live, Absent) && ReferenceEquals(applied, Absent))
        {
            return Absent;
        }
        var has = !ReferenceEquals(applied, Absent);
        switch (ShapeOf(has && applied is not null ? applied : live, schema))
        {
            case Shape.Map when schema?.AtomicMap != true && !(IsEmpty(live) && IsEmpty(applied)):
            {
                var merged = new JsonObject();
                foreach (var name in Names(live, applied))
                {
                    var member = Merge(Get(live, name), Get(applied, name), schema?.Member(name));
                    if (!ReferenceEquals(member, Absent))
                    {
                        merged[name] = member;
                    }
                }
                return merged.Count > 0 ? merged : Absent;
            }
            case Shape.List
                when schema is not null && schema.ListType != ListType.Atomic && !(IsEmpty(live) && IsEmpty(applied)):
                return MergeList(live as JsonArray ?? [], applied as JsonArray ?? [], schema);
            default:
                return (has ? applied : live)?.DeepClone();
        }
    }

    /// <summary>
    /// The elements that both have take the order of the applied list; an element that only the live list has stays behind
    /// the one it was behind.
    /// </summary>
    private static JsonArray MergeList(JsonArray live, JsonArray applied, KindSchema schema)
    {
        var liveKeys = live.Select(element => Element(schema, element)).ToArray();
        var appliedKeys = applied.Select(element => Element(schema, element)).ToArray();
        var liveByKey = liveKeys
            .Zip(live)
            .GroupBy(pair => pair.First)
            .ToDictionary(g => g.Key, g => g.Count() == 1 ? g.First().Second : Absent);
        var appliedByKey = appliedKeys.Zip(applied).ToDictionary(pair => pair.First, pair => pair.Second);
        var shared = new Queue<string>(appliedKeys.Where(liveByKey.ContainsKey));
        var merged = new JsonArray();
        var taken = new HashSet<string>();
        int l = 0,
            a = 0;

        void Take(string key)
        {
            merged.Add(Merge(liveByKey.GetValueOrDefault(key, Absent), appliedByKey[key], schema.Items));
            taken.Add(key);
            a++;
            if (shared.TryPeek(out var next) && next == key)
            {
                shared.Dequeue();
            }
        }

        while (l < liveKeys.Length || a < appliedKeys.Length)
        {
            if (l < liveKeys.Length)
            {
                var key = liveKeys[l];
                if (!appliedByKey.ContainsKey(key))
                {
                    merged.Add(live[l]?.DeepClone());
                    l++;
                    continue;
                }
                if (taken.Contains(key) || a < appliedKeys.Length && shared.TryPeek(out var next) && next != key)
                {
                    // It has its place in the applied list's order, or had it already.
                    l++;
                    continue;
                }
                if (appliedKeys[a] == key)
                {
                    l++;
                }
            }
            if (a < appliedKeys.Length)
            {
                Take(appliedKeys[a]);
            }
        }
        return merged;
    }

    private static JsonNode? RemoveFields(JsonNode? value, FieldSet fields, KindSchema? schema)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } members:
            {
                if (schema?.AtomicMap == true)
                {
                    return Absent;
                }
                var rest = new JsonObject();
                foreach (var (name, member) in members)
                {
                    var below = fields.Below(FieldSet.Field(name));
                    if (below.IsMember)
                    {
                        continue;
                    }
                    var kept = below.IsEmpty ? member?.DeepClone() : RemoveFields(member, below, schema?.Member(name));
                    if (!ReferenceEquals(kept, Absent))
                    {
                        rest[name] = kept;
                    }
                }
                return rest.Count > 0 ? rest : Absent;
            }
            case JsonArray { Count: > 0 } elements when schema is not null && schema.ListType != ListType.Atomic:
            {
                var rest = new JsonArray();
                foreach (var element in elements)
                {
                    var below = fields.Below(Element(schema, element));
                    if (below.IsMember)
                    {
                        continue;
                    }
                    var kept = below.IsEmpty ? element?.DeepClone() : RemoveFields(element, below, schema.Items);
                    if (!ReferenceEquals(kept, Absent))
                    {
                        rest.Add(kept);
                    }
                }
                return rest.Count > 0 ? rest : Absent;
            }
            case JsonObject or JsonArray:
                return Absent;
            default:
                return value?.DeepClone();
        }
    }

    private static Shape ShapeOf(JsonNode? value, KindSchema? schema) =>
        ReferenceEquals(value, Absent) || value is null
            ? schema?.Type switch
            {
                "array" => Shape.List,
                "object" => Shape.Map,
                _ => Shape.Scalar,
            }
            : value.GetValueKind() switch
            {
                JsonValueKind.Object => Shape.Map,
                JsonValueKind.Array => Shape.List,
                _ => Shape.Scalar,
            };

    private static bool IsEmpty(JsonNode? value) =>
        value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 } || ReferenceEquals(value, Absent);

    private static IEnumerable<string> Names(JsonNode? a, JsonNode? b) =>
        a.Members().Select(m => m.Key).Union(b.Members().Select(m => m.Key));

    private static JsonNode? Get(JsonNode? map, string name) =>
        map is JsonObject members && members.TryGetPropertyValue(name, out var member) ? member : Absent;

    private static Dictionary<string, List<JsonNode?>> Elements(JsonNode? list, KindSchema schema)
    {
        var elements = new Dictionary<string, List<JsonNode?>>();
        foreach (var element in list as JsonArray ?? [])
        {
            var key = Element(schema, element);
            if (!elements.TryGetValue(key, out var group))
            {
                elements[key] = group = [];
            }
            group.Add(element);
        }
        return elements;
    }
}
