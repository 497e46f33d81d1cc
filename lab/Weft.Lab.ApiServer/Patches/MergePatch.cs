using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Patches;

/// <summary>JSON Merge Patch (RFC 7386).</summary>
public static class MergePatch
{
    /// <summary>The patched document; neither argument changes.</summary>
    public static JsonObject Apply(JsonObject doc, JsonObject patch)
    {
        var result = doc.DeepClone().AsObject();
        Merge(result, patch);
        return result;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject members:
                    // A patch object never carries its nulls into the document, even where nothing was before.
                    if (target[name] is not JsonObject inner)
                    {
                        target[name] = inner = [];
                    }
                    Merge(inner, members);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }
    }
}
