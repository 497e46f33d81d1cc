using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Patches;

/// <summary>
/// A set of fields, as a trie of path elements written the way fieldsV1 has them: <c>f:name</c> a member of an object,
/// <c>k:{"key":"value"}</c> an element of a list by its keys, <c>v:"value"</c> an element of a set.
/// </summary>
internal sealed class FieldSet
{
    /// <summary>Whether the field at this node is itself in the set, apart from what is below it.</summary>
    public bool IsMember { get; private set; }

    /// <summary>What is below, by path element.</summary>
    public SortedDictionary<string, FieldSet> Children { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether neither this field nor one below is in the set.</summary>
    public bool IsEmpty => !IsMember && Children.Count == 0;

    public static string Field(string name) => "f:" + name;

    public static string Value(JsonNode? value) => "v:" + (value?.ToJsonString(NodeReading.Plain) ?? "null");

    public static string Key(JsonObject keys) => "k:" + keys.ToJsonString(NodeReading.Plain);

    /// <summary>Reads fieldsV1.</summary>
    public static FieldSet FromFieldsV1(JsonObject fields)
    {
        var set = new FieldSet();
        foreach (var (element, below) in fields)
        {
            if (element == ".")
            {
                set.IsMember = true;
            }
            else if (element is [('f' or 'k' or 'v' or 'i'), ':', ..] && below is JsonObject members)
            {
                var child = FromFieldsV1(members);
                child.IsMember |= members.Count == 0;
                set.Children[element] = child;
            }
            else
            {
                throw PatchException.BadRequest($"\"{element}\" is no path element of fieldsV1");
            }
        }
        return set;
    }

    /// <summary>Writes fieldsV1.</summary>
    public JsonObject ToFieldsV1()
    {
        var fields = new JsonObject();
        foreach (var (element, child) in Children)
        {
            var below = child.ToFieldsV1();
            if (child.IsMember && below.Count > 0)
            {
                below.Insert(0, ".", new JsonObject());
            }
            fields[element] = below;
        }
        return fields;
    }

    public void Add(ReadOnlySpan<string> path)
    {
        var node = this;
        foreach (var element in path)
        {
            node = node.Children.TryGetValue(element, out var child) ? child : node.Children[element] = new FieldSet();
        }
        node.IsMember = true;
    }

    public bool Contains(ReadOnlySpan<string> path)
    {
        var node = this;
        foreach (var element in path)
        {
            if (!node.Children.TryGetValue(element, out node))
            {
                return false;
            }
        }
        return node.IsMember;
    }

    /// <summary>What is below a path element; an empty set when nothing is.</summary>
    public FieldSet Below(string element) => Children.TryGetValue(element, out var child) ? child : new FieldSet();

    public FieldSet Union(FieldSet other) => Combine(this, other, (a, b) => a || b);

    public FieldSet Except(FieldSet other) => Combine(this, other, (a, b) => a && !b);

    public FieldSet Intersect(FieldSet other) => Combine(this, other, (a, b) => a && b);

    /// <summary>Without the fields of the other set and everything below them.</summary>
    public FieldSet ExceptTrees(FieldSet other)
    {
        var result = new FieldSet { IsMember = IsMember };
        foreach (var (element, child) in Children)
        {
            if (!other.Children.TryGetValue(element, out var removed))
            {
                result.Children[element] = child;
            }
            else if (!removed.IsMember && child.ExceptTrees(removed) is { IsEmpty: false } rest)
            {
                result.Children[element] = rest;
            }
        }
        return result;
    }

    /// <summary>
    /// With the declared fields that have something in the set below them: fieldsV1 leaves these out, since an object of
    /// declared fields comes and goes with them.
    /// </summary>
    public FieldSet WithDeclaredParents(KindSchema? schema)
    {
        var result = new FieldSet { IsMember = IsMember };
        foreach (var (element, child) in Children)
        {
            var copy = child.WithDeclaredParents(TypedValue.Schema(schema, element));
            copy.IsMember |=
                element[0] == 'f' && child.Children.Count > 0 && schema?.Properties.ContainsKey(element[2..]) == true;
            result.Children[element] = copy;
        }
        return result;
    }

    /// <summary>The paths of the fields, a field before those below it.</summary>
    public IEnumerable<string[]> Paths()
    {
        return Visit(this, []);

        static IEnumerable<string[]> Visit(FieldSet node, string[] path)
        {
            if (node.IsMember)
            {
                yield return path;
            }
            foreach (var (element, child) in node.Children)
            {
                foreach (var below in Visit(child, [.. path, element]))
                {
                    yield return below;
                }
            }
        }
    }

    /// <summary>A path as conflicts name it: <c>.spec.containers[name="c"].image</c>.</summary>
    public static string Print(IEnumerable<string> path) =>
        string.Concat(
            path.Select(element =>
                element[0] switch
                {
                    'f' => "." + element[2..],
                    'k' =>
                        $"[{string.Join(",", JsonNode.Parse(element[2..]).Members().Select(m => $"{m.Key}={m.Value?.ToJsonString(NodeReading.Plain)}"))}]",
                    'v' => $"[={element[2..]}]",
                    _ => $"[{element[2..]}]",
                }
            )
        );

    private static FieldSet Combine(FieldSet? a, FieldSet? b, Func<bool, bool, bool> member)
    {
        var result = new FieldSet { IsMember = member(a?.IsMember == true, b?.IsMember == true) };
        foreach (
            var element in (a?.Children.Keys ?? Enumerable.Empty<string>()).Union(
                b?.Children.Keys ?? Enumerable.Empty<string>()
            )
        )
        {
            var child = Combine(a?.Children.GetValueOrDefault(element), b?.Children.GetValueOrDefault(element), member);
            if (!child.IsEmpty)
            {
                result.Children[element] = child;
            }
        }
        return result;
    }
}
