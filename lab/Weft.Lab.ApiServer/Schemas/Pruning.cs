using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Schemas;

/// <summary>Fields that a kind does not have are dropped, and named for fieldValidation Strict and Warn.</summary>
public static class Pruning
{
    /// <summary>Drops them in place; their paths, such as spec.containers[0].imge.</summary>
    public static IReadOnlyList<string> Prune(JsonObject doc, KindSchema schema)
    {
        var unknown = new List<string>();
        Visit(doc, schema, "", unknown, isRoot: true);
        return unknown;
    }

    /// <summary>What the server says of unknown fields, of one document, under fieldValidation Strict.</summary>
    public static string StrictError(IEnumerable<string> unknown) =>
        "strict decoding error: " + string.Join(", ", unknown.Select(path => $"unknown field \"{path}\""));

    private static void Visit(JsonNode? value, KindSchema schema, string path, List<string> unknown, bool isRoot = false)
    {
        switch (value)
        {
            case JsonObject members:
                foreach (var (name, member) in members.ToArray())
                {
                    var memberPath = path.Length == 0 ? name : $"{path}.{name}";
                    if (schema.Member(name) is { } field)
                    {
                        Visit(member, field, memberPath, unknown);
                    }
                    else if ((isRoot || schema.Embedded) && name is "apiVersion" or "kind" or "metadata")
                    {
                        if (name == "metadata")
                        {
                            Visit(member, BuiltIn.BuiltInTypes.ObjectMeta, memberPath, unknown);
                        }
                    }
                    else if (!schema.PreserveUnknown && (schema.Type == "object" || schema.Properties.Count > 0))
                    {
                        members.Remove(name);
                        unknown.Add(memberPath);
                    }
                }
                break;
            case JsonArray elements when schema.Items is { } items:
                for (var i = 0; i < elements.Count; i++)
                {
                    Visit(elements[i], items, $"{path}[{i}]", unknown);
                }
                break;
        }
    }
}
