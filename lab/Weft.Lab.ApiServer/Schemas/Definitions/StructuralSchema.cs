using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weft.Lab.ApiServer.Defaults;

namespace Weft.Lab.ApiServer.Schemas.Definitions;

/// <summary>A schema has to be structural: every value has one type, and it is said at one place.</summary>
internal static class StructuralSchema
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    private static readonly string[] NotSupported =
    [
        "id",
        "additionalItems",
        "patternProperties",
        "definitions",
        "dependencies",
        "$ref",
    ];

    /// <summary>A node of the schema and those below.</summary>
    /// <param name="node">The node.</param>
    /// <param name="field">Its path in the definition.</param>
    /// <param name="missing">What the message says when it has no type; empty at the root, which says so itself.</param>
    /// <param name="findings">Where what is wrong goes.</param>
    /// <param name="hasOld">A value here has a value before that it can be compared with.</param>
    public static void Validate(JsonObject node, string field, string missing, Findings findings, bool hasOld)
    {
        var type = node["type"].Text() ?? "";
        var preserves = node["x-kubernetes-preserve-unknown-fields"].Flag() == true;
        var intOrString = node["x-kubernetes-int-or-string"].Flag() == true;
        if (type.Length == 0)
        {
            if (!preserves && !intOrString && missing.Length > 0)
            {
                findings.Required($"{field}.type", missing);
            }
        }
        else if (!Types.Contains(type))
        {
            findings.Add(FieldError.NotSupported($"{field}.type", type, Types));
        }
        foreach (var name in NotSupported.Where(node.ContainsKey))
        {
            findings.Forbidden($"{field}.{name}", $"{name} is not supported");
        }
        if (node["x-kubernetes-preserve-unknown-fields"].Flag() == false)
        {
            findings.Invalid($"{field}.x-kubernetes-preserve-unknown-fields", false, "must be true or undefined");
        }
        if (intOrString && preserves)
        {
            findings.Invalid(
                $"{field}.x-kubernetes-preserve-unknown-fields",
                true,
                "must be false if x-kubernetes-int-or-string is true"
            );
        }
        if (node["x-kubernetes-embedded-resource"].Flag() == true && type != "object")
        {
            findings.Required($"{field}.type", "must be object if x-kubernetes-embedded-resource is true");
        }
        if (node["uniqueItems"].Flag() == true)
        {
            findings.Forbidden(
                $"{field}.uniqueItems",
                "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
            );
        }
        if (node["additionalProperties"] is not null && node["properties"] is JsonObject { Count: > 0 })
        {
            findings.Forbidden(
                $"{field}.additionalProperties",
                "additionalProperties and properties are mutual exclusive"
            );
        }
        if (node["pattern"].Text() is { Length: > 0 } pattern)
        {
            Pattern(pattern, $"{field}.pattern", findings);
        }
        ListAndMapTypes.Validate(node, type, field, findings);
        Default(node, field, findings);
        SchemaRules.Validate(node, field, hasOld, findings);
        foreach (var nested in (string[])["allOf", "anyOf", "oneOf"])
        {
            foreach (var (i, part) in node[nested].Objects().Index())
            {
                if (!(intOrString && nested is "anyOf" or "allOf"))
                {
                    Nested(part, $"{field}.{nested}[{i}]", findings);
                }
            }
        }
        if (node["not"] is JsonObject not)
        {
            Nested(not, $"{field}.not", findings);
        }

        foreach (var (name, property) in node["properties"].Members())
        {
            if (property is JsonObject child)
            {
                Validate(
                    child,
                    $"{field}.properties[{name}]",
                    "must not be empty for specified object fields",
                    findings,
                    hasOld
                );
            }
        }
        if (node["additionalProperties"] is JsonObject values)
        {
            Validate(
                values,
                $"{field}.additionalProperties",
                "must not be empty for specified object fields",
                findings,
                hasOld
            );
        }
        if (node["items"] is JsonObject items)
        {
            Validate(
                items,
                $"{field}.items",
                "must not be empty for specified array items",
                findings,
                hasOld && node["x-kubernetes-list-type"].Text() == "map"
            );
        }
        else if (type == "array")
        {
            findings.Required($"{field}.items", "must be specified");
        }
    }

    /// <summary>What stands below allOf, anyOf, oneOf and not may only say more of values.</summary>
    private static void Nested(JsonObject node, string field, Findings findings)
    {
        foreach (var name in (string[])["type", "title", "description"])
        {
            if (node[name].Text() is { Length: > 0 })
            {
                findings.Forbidden($"{field}.{name}", "must be empty to be structural");
            }
        }
        foreach (
            var name in (string[])["default", "additionalProperties", "x-kubernetes-list-type", "x-kubernetes-map-type"]
        )
        {
            if (node[name] is not null)
            {
                findings.Forbidden($"{field}.{name}", "must be undefined to be structural");
            }
        }
        foreach (
            var name in (string[])
                [
                    "nullable",
                    "x-kubernetes-preserve-unknown-fields",
                    "x-kubernetes-embedded-resource",
                    "x-kubernetes-int-or-string",
                ]
        )
        {
            if (node[name].Flag() == true)
            {
                findings.Forbidden($"{field}.{name}", "must be false to be structural");
            }
        }
        foreach (var (name, property) in node["properties"].Members())
        {
            if (property is JsonObject child)
            {
                Nested(child, $"{field}.properties[{name}]", findings);
            }
        }
        if (node["items"] is JsonObject items)
        {
            Nested(items, $"{field}.items", findings);
        }
    }

    /// <summary>A default must itself be valid.</summary>
    private static void Default(JsonObject node, string field, Findings findings)
    {
        if (node["default"] is not { } value)
        {
            return;
        }
        var schema = CustomSchema.Read(node) with { Default = null };
        // As if the value stood in a field named "default", so that the paths read as the real server's.
        var holder = new KindSchema
        {
            Type = "object",
            Properties = new Dictionary<string, KindSchema> { ["default"] = schema },
        };
        foreach (var error in Validation.Validate(new JsonObject { ["default"] = value.DeepClone() }, null, holder))
        {
            findings.Add(error with { Field = $"{field}.{error.Field}" });
        }
    }

    private static void Pattern(string pattern, string field, Findings findings)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
        }
        catch (ArgumentException e)
        {
            findings.Invalid(field, pattern, $"must be a valid regular expression, but isn't: {e.Message}");
        }
    }
}
