using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Registry;

/// <summary>
/// Objects as another kind of the same collection shows them: another version of a custom resource, or events in the
/// events.k8s.io group, whose fields have other names.
/// </summary>
internal static class Views
{
    /// <summary>The document of a kind to be shown, out of what is stored.</summary>
    public static byte[] Bytes(Kind kind, StoredObject stored)
    {
        if (IsStoredAs(kind, stored))
        {
            return stored.Bytes;
        }

        var document = stored.Document();
        Show(kind, document);
        return JsonText.Bytes(document);
    }

    public static JsonObject Document(Kind kind, StoredObject stored)
    {
        var document = stored.Document();
        Show(kind, document);
        return document;
    }

    public static bool IsStoredAs(Kind kind, StoredObject stored) =>
        kind.ViewOf is null && stored.Bytes.AsSpan().StartsWith(StoredObject.TypeMeta(kind.ApiVersion, kind.Name));

    /// <summary>Makes a stored document one of the kind.</summary>
    public static void Show(Kind kind, JsonObject document)
    {
        document["apiVersion"] = kind.ApiVersion;
        foreach (var (shown, stored) in kind.ViewOf ?? new Dictionary<string, string>())
        {
            Rename(document, stored, shown);
        }
    }

    /// <summary>Makes a document of the kind one to be stored.</summary>
    public static void Store(Kind kind, Kind storage, JsonObject document)
    {
        document["apiVersion"] = storage.ApiVersion;
        foreach (var (shown, stored) in kind.ViewOf ?? new Dictionary<string, string>())
        {
            Rename(document, shown, stored);
        }
    }

    private static void Rename(JsonObject document, string from, string to)
    {
        if (document.TryGetPropertyValue(from, out var value))
        {
            document.Remove(from);
            document[to] = value;
        }
    }
}
