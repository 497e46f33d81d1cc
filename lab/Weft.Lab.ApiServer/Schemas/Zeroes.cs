using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Schemas;

/// <summary>
/// The shape the real server gives documents of its built-in kinds by decoding them into its types and encoding them again:
/// null and empty optional fields are gone, fields that a type holds by value are there. What server-side apply counts as
/// a change depends on it, and so does what clients read.
/// </summary>
public static class Zeroes
{
    /// <summary>Rewrites the document in place. A custom resource (whose schema has no such fields) stays as it is.</summary>
    public static void Normalize(JsonObject doc, KindSchema? schema)
    {
        if (schema?.TypeName is not null)
        {
            Visit(doc, schema);
        }
    }

    private static void Visit(JsonObject doc, KindSchema schema)
    {
        foreach (var (name, value) in doc.ToArray())
        {
            if (schema.Member(name) is not { } member)
            {
                continue;
            }
            var optional = !schema.Required.Contains(name);
            switch (value)
            {
                case null when !member.ZeroIsNull && optional:
                case JsonArray { Count: 0 } when optional && member.Type == "array":
                case JsonObject { Count: 0 } when optional && member.AdditionalProperties is not null:
                    doc.Remove(name);
                    break;
                case JsonObject o:
                    Visit(o, member);
                    break;
                case JsonArray a when member.Items is { Properties.Count: > 0 } items:
                    foreach (var element in a.OfType<JsonObject>())
                    {
                        Visit(element, items);
                    }
                    break;
            }
        }
        foreach (var (name, member) in schema.Properties)
        {
            // A required list is written even when it is unset, as null.
            if (member.ZeroIsNull || member.Type == "array" && schema.Required.Contains(name))
            {
                doc.TryAdd(name, null);
            }
            else if (member.Zero is not null && doc[name] is null)
            {
                var zero = member.Zero.DeepClone();
                if (zero is JsonObject o)
                {
                    Visit(o, member);
                }
                doc[name] = zero;
            }
        }
    }
}
