using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.OpenApi;

/// <summary>Writes schemas as OpenAPI; each built-in type once, by its name.</summary>
/// <param name="references">What references to the schemas of the document begin with.</param>
internal sealed class SchemaWriter(string references)
{
    private readonly SortedDictionary<string, JsonObject> schemas = new(StringComparer.Ordinal);

    public JsonObject Schemas() => new(schemas.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value)));

    public static JsonObject GroupVersionKind(OpenApiKind kind) =>
        new()
        {
            ["group"] = kind.Group,
            ["version"] = kind.Version,
            ["kind"] = kind.Kind,
        };

    /// <summary>Adds a kind and the types it is made of; the reference to it.</summary>
    public string Add(OpenApiKind kind)
    {
        // The name of a custom resource's schema begins with its group reversed, as the real server names it.
        var name =
            kind.Schema?.TypeName
            ?? $"{string.Join('.', Enumerable.Reverse(kind.Group.Split('.')))}.{kind.Version}.{kind.Kind}";
        if (!schemas.TryGetValue(name, out var schema))
        {
            schema = schemas[name] = [];
            Fill(schema, kind.Schema ?? new KindSchema { Type = "object", PreserveUnknown = true });
        }
        schema["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(kind));
        return references + name;
    }

    /// <summary>A schema in place, or a reference to a named one.</summary>
    private JsonObject Write(KindSchema schema)
    {
        var written = new JsonObject();
        if (schema.TypeName is not { } name)
        {
            Fill(written, schema);
            return written;
        }
        if (!schemas.ContainsKey(name))
        {
            var type = schemas[name] = [];
            Fill(
                type,
                schema with
                {
                    Default = null,
                    PatchMerge = false,
                    PatchMergeKey = null,
                    PatchRetainKeys = false,
                }
            );
        }
        var reference = new JsonObject { ["$ref"] = references + name };
        Patching(written, schema);
        if (schema.Zero is not null)
        {
            written["default"] = schema.Zero.DeepClone();
        }
        if (written.Count == 0)
        {
            return reference;
        }
        written["allOf"] = new JsonArray(reference);
        return written;
    }

    private void Fill(JsonObject written, KindSchema schema)
    {
        void Set(string name, JsonNode? value)
        {
            if (value is not null)
            {
                written[name] = value;
            }
        }
        Set("description", schema.Description);
        if (schema.IntOrString)
        {
            written["x-kubernetes-int-or-string"] = true;
            written["anyOf"] = new JsonArray(
                new JsonObject { ["type"] = "integer" },
                new JsonObject { ["type"] = "string" }
            );
        }
        else
        {
            // Quantities are written as text, and read as numbers too.
            Set("type", schema.Type ?? (schema.Format == "quantity" ? "string" : null));
        }
        Set("format", schema.Format is "quantity" ? null : schema.Format);
        Set("default", schema.Default?.DeepClone() ?? schema.Zero?.DeepClone());
        Set("nullable", schema.Nullable ? true : null);
        if (schema.Required.Count > 0)
        {
            written["required"] = Texts(schema.Required);
        }
        if (schema.Properties.Count > 0)
        {
            written["properties"] = new JsonObject(
                schema
                    .Properties.OrderBy(p => p.Key, StringComparer.Ordinal)
                    .Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Write(p.Value)))
            );
        }
        Set("additionalProperties", schema.AdditionalProperties is { } values ? Write(values) : null);
        Set("items", schema.Items is { } items ? Write(items) : null);
        if (schema.PreserveUnknown)
        {
            written["x-kubernetes-preserve-unknown-fields"] = true;
        }
        Set("x-kubernetes-embedded-resource", schema.Embedded ? true : null);
        Set("x-kubernetes-map-type", schema.AtomicMap ? "atomic" : null);
        if (schema.Type == "array" && (schema.ListType != ListType.Atomic || schema.PatchMerge))
        {
            written["x-kubernetes-list-type"] = schema.ListType switch
            {
                ListType.Set => "set",
                ListType.Map => "map",
                _ => "atomic",
            };
        }
        if (schema.ListKeys.Count > 0)
        {
            written["x-kubernetes-list-map-keys"] = Texts(schema.ListKeys);
        }
        Patching(written, schema);
        Bounds(written, schema.Bounds);
        if (schema.Rules.Count > 0)
        {
            written["x-kubernetes-validations"] = new JsonArray([.. schema.Rules.Select(Rule)]);
        }
    }

    private static JsonNode Rule(Rule rule)
    {
        var written = new JsonObject { ["rule"] = rule.Expression };
        if (rule.Message is not null)
        {
            written["message"] = rule.Message;
        }
        return written;
    }

    private static void Patching(JsonObject written, KindSchema schema)
    {
        var strategies = string.Join(
            ",",
            ((string[])[schema.PatchMerge ? "merge" : "", schema.PatchRetainKeys ? "retainKeys" : ""]).Where(s =>
                s.Length > 0
            )
        );
        if (strategies.Length > 0)
        {
            written["x-kubernetes-patch-strategy"] = strategies;
        }
        if (schema.PatchMergeKey is not null)
        {
            written["x-kubernetes-patch-merge-key"] = schema.PatchMergeKey;
        }
    }

    private static void Bounds(JsonObject written, Bounds? bounds)
    {
        if (bounds is null)
        {
            return;
        }
        if (bounds.Enum is not null)
        {
            written["enum"] = new JsonArray([.. bounds.Enum.Select(value => value?.DeepClone())]);
        }
        if (bounds.Pattern is not null)
        {
            written["pattern"] = bounds.Pattern;
        }
        foreach (
            var (name, value) in ((string, decimal?)[])
                [
                    ("minimum", bounds.Minimum),
                    ("maximum", bounds.Maximum),
                    ("multipleOf", bounds.MultipleOf),
                    ("minLength", bounds.MinLength),
                    ("maxLength", bounds.MaxLength),
                    ("minItems", bounds.MinItems),
                    ("maxItems", bounds.MaxItems),
                    ("minProperties", bounds.MinProperties),
                    ("maxProperties", bounds.MaxProperties),
                ]
        )
        {
            if (value is { } bound)
            {
                written[name] = bound;
            }
        }
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
