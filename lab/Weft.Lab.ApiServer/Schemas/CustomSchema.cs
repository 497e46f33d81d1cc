using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Schemas;

/// <summary>Reads the openAPIV3Schema of a CustomResourceDefinition.</summary>
internal static class CustomSchema
{
    /// <summary>The schema of one entry of spec.versions; its metadata is that of every kind.</summary>
    public static KindSchema? OfVersion(JsonObject version)
    {
        if (version.At("schema", "openAPIV3Schema") is not JsonObject root)
        {
            return null;
        }
        var schema = Read(root);
        var properties = new Dictionary<string, KindSchema>(schema.Properties)
        {
            ["apiVersion"] = new() { Type = "string" },
            ["kind"] = new() { Type = "string" },
            ["metadata"] = MetadataWith(schema.Properties.GetValueOrDefault("metadata")),
        };
        return schema with { Properties = properties, HasStatus = version.At("subresources", "status") is JsonObject };
    }

    public static KindSchema Read(JsonObject node)
    {
        var type = node["type"].Text();
        return new KindSchema
        {
            Type = type,
            Properties = node["properties"]
                .Members()
                .Where(p => p.Value is JsonObject)
                .ToDictionary(p => p.Key, p => Read(p.Value!.AsObject())),
            AdditionalProperties = node["additionalProperties"] switch
            {
                JsonObject values => Read(values),
                JsonValue any when any.Flag() == true => new KindSchema { PreserveUnknown = true },
                _ => null,
            },
            Items = node["items"] is JsonObject items ? Read(items) : null,
            ListType = node["x-kubernetes-list-type"].Text() switch
            {
                "set" => ListType.Set,
                "map" => ListType.Map,
                _ => ListType.Atomic,
            },
            ListKeys = [.. node["x-kubernetes-list-map-keys"].Texts()],
            AtomicMap = node["x-kubernetes-map-type"].Text() == "atomic",
            PreserveUnknown = node["x-kubernetes-preserve-unknown-fields"].Flag() == true,
            IntOrString = node["x-kubernetes-int-or-string"].Flag() == true,
            Embedded = node["x-kubernetes-embedded-resource"].Flag() == true,
            Nullable = node["nullable"].Flag() == true,
            Required = [.. node["required"].Texts()],
            Default = node["default"]?.DeepClone(),
            Format = node["format"].Text(),
            Description = node["description"].Text(),
            Bounds = ReadBounds(node),
            Combinations = ReadCombinations(node),
            Rules =
            [
                .. node["x-kubernetes-validations"]
                    .Objects()
                    .Select(rule => new Rule(
                        rule["rule"].Text() ?? "",
                        rule["message"].Text(),
                        rule["messageExpression"].Text(),
                        rule["reason"].Text(),
                        rule["fieldPath"].Text(),
                        rule["optionalOldSelf"].Flag() == true
                    )),
            ],
        };
    }

    /// <summary>A definition may bound the name and generateName, and nothing else of the metadata.</summary>
    private static KindSchema MetadataWith(KindSchema? own)
    {
        var meta = BuiltIn.BuiltInTypes.ObjectMeta;
        if (own is null)
        {
            return meta;
        }
        var properties = new Dictionary<string, KindSchema>(meta.Properties);
        foreach (var name in (string[])["name", "generateName"])
        {
            if (own.Properties.TryGetValue(name, out var bounded))
            {
                properties[name] = bounded;
            }
        }
        return meta with { Properties = properties, Rules = own.Rules };
    }

    private static Bounds? ReadBounds(JsonObject node)
    {
        var bounds = new Bounds
        {
            Enum = node["enum"] is JsonArray values ? [.. values.Select(v => v?.DeepClone())] : null,
            Pattern = node["pattern"].Text(),
            Minimum = Decimal(node["minimum"]),
            Maximum = Decimal(node["maximum"]),
            ExclusiveMinimum = node["exclusiveMinimum"].Flag() == true,
            ExclusiveMaximum = node["exclusiveMaximum"].Flag() == true,
            MultipleOf = Decimal(node["multipleOf"]),
            MinLength = node["minLength"].Integer(),
            MaxLength = node["maxLength"].Integer(),
            MinItems = node["minItems"].Integer(),
            MaxItems = node["maxItems"].Integer(),
            UniqueItems = node["uniqueItems"].Flag() == true,
            MinProperties = node["minProperties"].Integer(),
            MaxProperties = node["maxProperties"].Integer(),
        };
        return bounds == new Bounds() ? null : bounds;
    }

    private static Combinations? ReadCombinations(JsonObject node)
    {
        IReadOnlyList<KindSchema> List(string name) => [.. node[name].Objects().Select(Read)];
        var not = node["not"] is JsonObject inverted ? Read(inverted) : null;
        var combinations = new Combinations(List("allOf"), List("anyOf"), List("oneOf"), not);
        return combinations is { AllOf.Count: 0, AnyOf.Count: 0, OneOf.Count: 0, Not: null } ? null : combinations;
    }

    private static decimal? Decimal(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? decimal.Parse(
                value.ToJsonString(),
                System.Globalization.NumberStyles.Float,
                System.Globalization.CultureInfo.InvariantCulture
            )
            : null;
}
