using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Store;

/// <summary>
/// An object at one resourceVersion, as the bytes that are sent. What is asked of it again and again (labels, owners)
/// is taken from the document once; everything else parses it. Never changes.
/// </summary>
internal sealed class StoredObject
{
    private ImmutableDictionary<string, string> fields = ImmutableDictionary<string, string>.Empty;

    private StoredObject(string key) => Key = key;

    private StoredObject(string apiVersion, string kind, string key, long resourceVersion, JsonObject document)
    {
        Key = key;
        ResourceVersion = resourceVersion;
        Bytes = JsonText.Bytes(document);
        BodyOffset = TypeMeta(apiVersion, kind).Length;
        var metadata = (JsonObject)document["metadata"]!;
        Name = metadata["name"].Text()!;
        Namespace = metadata["namespace"].Text();
        Uid = metadata["uid"].Text()!;
        Labels = Fields.Map(metadata["labels"]);
        Owners = [.. metadata["ownerReferences"].Objects().Select(owner => owner["uid"].Text()).OfType<string>()];
        IsDeleting = metadata["deletionTimestamp"] is not null;
    }

    /// <summary>`namespace/name`, or the name alone; keys of a collection are sorted by their bytes, as in etcd.</summary>
    public string Key { get; }

    public string Name { get; } = "";

    public string? Namespace { get; }

    public string Uid { get; } = "";

    public long ResourceVersion { get; }

    public IReadOnlyDictionary<string, string> Labels { get; } = new Dictionary<string, string>();

    /// <summary>Uids of its owners.</summary>
    public IReadOnlyList<string> Owners { get; } = [];

    public bool IsDeleting { get; }

    /// <summary>The document, UTF-8, with `kind`, `apiVersion` and `metadata` first.</summary>
    public byte[] Bytes { get; } = [];

    /// <summary>Where the bytes go on after the opening brace, kind and apiVersion.</summary>
    public int BodyOffset { get; }

    /// <summary>A copy of its own, to be changed.</summary>
    public JsonObject Document() => (JsonObject)JsonText.Parse(Bytes)!;

    /// <summary>A field as selectors see it. Looked up in the document once, however many watchers select by it.</summary>
    public string Field(string path)
    {
        if (!fields.TryGetValue(path, out var value))
        {
            value = Fields.Scalar(Fields.At(Document(), path));
            ImmutableInterlocked.TryAdd(ref fields, path, value);
        }

        return value;
    }

    public static StoredObject Of(JsonObject document, long resourceVersion)
    {
        TypeFirst(document);
        var metadata = (JsonObject)document["metadata"]!;
        return new(
            document["apiVersion"].Text()!,
            document["kind"].Text()!,
            KeyOf(metadata["namespace"].Text(), metadata["name"].Text()!),
            resourceVersion,
            document
        );
    }

    /// <summary>Stands for a key in a search.</summary>
    public static StoredObject Probe(string key) => new(key);

    public static string KeyOf(string? ns, string name) => string.IsNullOrEmpty(ns) ? name : $"{ns}/{name}";

    /// <summary>What every document of a kind begins with.</summary>
    public static byte[] TypeMeta(string apiVersion, string kind) =>
        Encoding.UTF8.GetBytes($$"""{"kind":"{{kind}}","apiVersion":"{{apiVersion}}",""");

    private static void TypeFirst(JsonObject document)
    {
        var members = document.ToDictionary();
        document.Clear();
        foreach (var name in (string[])["kind", "apiVersion", "metadata", .. members.Keys])
        {
            if (members.Remove(name, out var value))
            {
                document[name] = value;
            }
        }
    }
}
