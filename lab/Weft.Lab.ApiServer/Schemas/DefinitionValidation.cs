using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weft.Lab.ApiServer.Defaults;
using Weft.Lab.ApiServer.Schemas.Cel;
using Weft.Lab.ApiServer.Tables;

namespace Weft.Lab.ApiServer.Schemas;

/// <summary>What a CustomResourceDefinition gets wrong: names, versions, columns, and schemas that are not structural.</summary>
internal static partial class DefinitionValidation
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    private static readonly string[] NotSupported = ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];

    public static void Validate(JsonObject definition, JsonObject? old, Findings findings)
    {
        var spec = definition["spec"] as JsonObject ?? [];
        var (group, plural) = (spec["group"].Text() ?? "", spec["names"].At("plural").Text() ?? "");
        if (definition.At("metadata", "name").Text() is { } name && name != $"{plural}.{group}")
        {
            findings.Invalid("metadata.name", name, $"must be spec.names.plural+\".\"+spec.group");
        }
        if (group.Length == 0)
        {
            findings.Required("spec.group");
        }
        else if (Formats.DnsSubdomain(group).ToArray() is { Length: > 0 } problems)
        {
            findings.Invalid("spec.group", group, string.Join(",", problems));
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            findings.Invalid("spec.group", group, "should be a domain with at least one dot");
        }
        findings.OneOf("spec.scope", spec["scope"], true, "Cluster", "Namespaced");
        Names(spec["names"] as JsonObject ?? [], findings);
        var versions = spec["versions"].Objects().ToArray();
        foreach (var (i, version) in versions.Index())
        {
            Version(version, $"spec.versions[{i}]", findings);
        }
        if (versions.Select(v => v["name"].Text()).Distinct().Count() < versions.Length)
        {
            findings.Invalid("spec.versions", spec["versions"], "must contain unique version names");
        }
        if (versions.Count(v => v["storage"].Flag() == true) != 1)
        {
            findings.Invalid("spec.versions", spec["versions"], "must have exactly one version marked as storage version");
        }
        if (spec["preserveUnknownFields"].Flag() == true)
        {
            findings.Invalid(
                "spec.preserveUnknownFields",
                true,
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
            );
        }
        if (old is not null)
        {
            findings.Immutable("spec.group", spec["group"], old.At("spec", "group"));
            findings.Immutable("spec.scope", spec["scope"], old.At("spec", "scope"));
            findings.Immutable("spec.names.plural", spec["names"].At("plural"), old.At("spec", "names", "plural"));
            findings.Immutable("spec.names.kind", spec["names"].At("kind"), old.At("spec", "names", "kind"));
        }
    }

    private static void Names(JsonObject names, Findings findings)
    {
        foreach (var field in (string[])["plural", "singular", "kind", "listKind"])
        {
            var value = names[field].Text() ?? "";
            if (value.Length == 0)
            {
                findings.Required($"spec.names.{field}");
                continue;
            }
            var cased = field is "kind" or "listKind";
            if (Formats.Dns1035Label(cased ? value.ToLowerInvariant() : value).ToArray() is { Length: > 0 } problems)
            {
                findings.Invalid($"spec.names.{field}", value, (cased ? "may have mixed case, but should otherwise match: " : "") + string.Join(",", problems));
            }
        }
        if (names["kind"].Text() is { Length: > 0 } kind && kind == names["listKind"].Text())
        {
            findings.Invalid("spec.names.listKind", kind, "kind and listKind may not be the same");
        }
        foreach (var list in (string[])["shortNames", "categories"])
        {
            foreach (var (i, value) in names[list].Texts().Index())
            {
                findings.Invalid($"spec.names.{list}[{i}]", value, Formats.Dns1035Label(value));
            }
        }
    }

    private static void Version(JsonObject version, string field, Findings findings)
    {
        findings.Invalid($"{field}.name", version["name"].Text() ?? "", Formats.Dns1035Label(version["name"].Text() ?? ""));
        foreach (var (i, column) in version["additionalPrinterColumns"].Objects().Index())
        {
            var at = $"{field}.additionalPrinterColumns[{i}]";
            if (column["name"].Text() is null or "")
            {
                findings.Required($"{at}.name");
            }
            if (column["type"].Text() is not { Length: > 0 } type)
            {
                findings.Required($"{at}.type", "must be one of boolean,date,integer,number,string");
            }
            else if (type is not ("boolean" or "date" or "integer" or "number" or "string"))
            {
                findings.Invalid($"{at}.type", type, "must be one of boolean,date,integer,number,string");
            }
            if (column["jsonPath"].Text() is not { Length: > 0 } path)
            {
                findings.Required($"{at}.JSONPath");
            }
            else if (path[0] != '.')
            {
                findings.Invalid($"{at}.JSONPath", path, "must be a simple json path starting with .");
            }
            else if (JsonPath.Parse(path) is null)
            {
                findings.Invalid($"{at}.JSONPath", path, "is an invalid path");
            }
        }
        Scale(version.At("subresources", "scale"), $"{field}.subresources.scale", findings);
        if (version.At("schema", "openAPIV3Schema") is not JsonObject schema)
        {
            findings.Required($"{field}.schema.openAPIV3Schema");
            return;
        }
        field += ".schema.openAPIV3Schema";
        if (schema["type"].Text() is not { } root)
        {
            findings.Required($"{field}.type", "must not be empty at the root");
        }
        else if (root != "object")
        {
            findings.Invalid($"{field}.type", root, "must be object at the root");
        }
        if (schema["nullable"].Flag() == true)
        {
            findings.Forbidden($"{field}.nullable", "nullable cannot be true at the root");
        }
        if (schema["additionalProperties"] is not null)
        {
            findings.Forbidden($"{field}.additionalProperties", "must not be used at the root");
        }
        if (schema.At("properties", "metadata") is JsonObject metadata && Metadata(metadata))
        {
            findings.Forbidden($"{field}.properties[metadata]", "must not specify anything other than name and generateName, but metadata is implicitly specified");
        }
        Schema(schema, field, "", findings, hasOld: true);
    }

    private static bool Metadata(JsonObject metadata) =>
        metadata["properties"].Members().Any(p => p.Key is not ("name" or "generateName"))
        || metadata.Any(m => m.Key is not ("type" or "properties" or "description"));

    private static void Scale(JsonNode? scale, string field, Findings findings)
    {
        if (scale is null)
        {
            return;
        }
        foreach (var (name, prefix) in ((string, string)[])[("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")])
        {
            if (scale.At(name).Text() is not { Length: > 0 } path)
            {
                findings.Required($"{field}.{name}");
            }
            else if (!path.StartsWith(prefix, StringComparison.Ordinal))
            {
                findings.Invalid($"{field}.{name}", path, $"should be a json path under {prefix[..^1]}");
            }
        }
    }

    /// <summary>A node of the schema and those below.</summary>
    /// <param name="node">The node.</param>
    /// <param name="field">Its path in the definition.</param>
    /// <param name="missing">What the message says when it has no type; empty at the root, which says so itself.</param>
    /// <param name="findings">Where what is wrong goes.</param>
    /// <param name="hasOld">A value here has a value before that it can be compared with.</param>
    private static void Schema(JsonObject node, string field, string missing, Findings findings, bool hasOld)
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
            findings.Invalid($"{field}.x-kubernetes-preserve-unknown-fields", true, "must be false if x-kubernetes-int-or-string is true");
        }
        if (node["x-kubernetes-embedded-resource"].Flag() == true && type != "object")
        {
            findings.Required($"{field}.type", "must be object if x-kubernetes-embedded-resource is true");
        }
        if (node["uniqueItems"].Flag() == true)
        {
            findings.Forbidden($"{field}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }
        if (node["additionalProperties"] is not null && node["properties"] is JsonObject { Count: > 0 })
        {
            findings.Forbidden($"{field}.additionalProperties", "additionalProperties and properties are mutual exclusive");
        }
        if (node["pattern"].Text() is { Length: > 0 } pattern)
        {
            Pattern(pattern, $"{field}.pattern", findings);
        }
        Lists(node, type, field, findings);
        Default(node, field, findings);
        Rules(node, field, hasOld, findings);
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
                Schema(child, $"{field}.properties[{name}]", "must not be empty for specified object fields", findings, hasOld);
            }
        }
        if (node["additionalProperties"] is JsonObject values)
        {
            Schema(values, $"{field}.additionalProperties", "must not be empty for specified object fields", findings, hasOld);
        }
        if (node["items"] is JsonObject items)
        {
            Schema(items, $"{field}.items", "must not be empty for specified array items", findings, hasOld && node["x-kubernetes-list-type"].Text() == "map");
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
        foreach (var name in (string[])["default", "additionalProperties", "x-kubernetes-list-type", "x-kubernetes-map-type"])
        {
            if (node[name] is not null)
            {
                findings.Forbidden($"{field}.{name}", "must be undefined to be structural");
            }
        }
        foreach (var name in (string[])["nullable", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"])
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

    private static void Lists(JsonObject node, string type, string field, Findings findings)
    {
        var listType = node["x-kubernetes-list-type"].Text();
        if (listType is not null)
        {
            if (type != "array")
            {
                findings.Invalid($"{field}.type", type, "must be array if x-kubernetes-list-type is specified");
            }
            findings.OneOf($"{field}.x-kubernetes-list-type", listType, false, "atomic", "set", "map");
        }
        if (node["x-kubernetes-map-type"].Text() is { } mapType)
        {
            if (type != "object")
            {
                findings.Invalid($"{field}.type", type, "must be object if x-kubernetes-map-type is specified");
            }
            findings.OneOf($"{field}.x-kubernetes-map-type", mapType, false, "atomic", "granular");
        }
        var keys = node["x-kubernetes-list-map-keys"].Texts().ToArray();
        if (keys.Length > 0 && listType != "map")
        {
            findings.Required($"{field}.x-kubernetes-list-type", "must be map if x-kubernetes-list-map-keys is non-empty");
        }
        if (listType != "map")
        {
            return;
        }
        if (keys.Length == 0)
        {
            findings.Required($"{field}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map");
        }
        var items = node["items"];
        if (items.At("type").Text() != "object")
        {
            findings.Invalid($"{field}.items.type", items.At("type") ?? "", "must be object if parent array's x-kubernetes-list-type is map");
        }
        foreach (var key in keys)
        {
            if (items.At("properties", key) is not JsonObject property)
            {
                findings.Invalid($"{field}.x-kubernetes-list-map-keys", node["x-kubernetes-list-map-keys"], "entries must all be names of item properties");
            }
            else if (property["type"].Text() is "array" or "object")
            {
                findings.Invalid($"{field}.items.properties[{key}].type", property["type"], "must be a scalar type if parent array's x-kubernetes-list-type is map");
            }
            else if (property["default"] is null && !items.At("required").Texts().Contains(key))
            {
                findings.Required(
                    $"{field}.items.properties[{key}].default",
                    "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
                );
            }
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
        var holder = new KindSchema { Type = "object", Properties = new Dictionary<string, KindSchema> { ["default"] = schema } };
        foreach (var error in Validation.Validate(new JsonObject { ["default"] = value.DeepClone() }, null, holder))
        {
            findings.Add(error with { Field = $"{field}.{error.Field}" });
        }
    }

    private static void Rules(JsonObject node, string field, bool hasOld, Findings findings)
    {
        if (node["x-kubernetes-validations"] is not JsonArray rules)
        {
            return;
        }
        var schema = CustomSchema.Read(node);
        foreach (var (i, rule) in schema.Rules.Index())
        {
            var at = $"{field}.x-kubernetes-validations[{i}]";
            if (rule.Expression.Trim().Length == 0)
            {
                findings.Required($"{at}.rule", "rule is not specified");
                continue;
            }
            if (rule.Message is { } message)
            {
                if (message.Trim().Length == 0 && message.Length > 0)
                {
                    findings.Invalid($"{at}.message", message, "must be non-empty if specified");
                }
                else if (message.Trim().Contains('\n', StringComparison.Ordinal))
                {
                    findings.Invalid($"{at}.message", message, "must not contain line breaks");
                }
            }
            else if (rule.Expression.Trim().Contains('\n', StringComparison.Ordinal))
            {
                findings.Required($"{at}.message", "message must be specified if rule contains line breaks");
            }
            findings.OneOf($"{at}.reason", rule.Reason, false, "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired");
            if (rule.FieldPath is { } path && !FieldPathForm().IsMatch(path))
            {
                findings.Invalid($"{at}.fieldPath", path, "must be a valid path");
            }
            Expression(rule.Expression, $"{at}.rule", rules[i], "bool", "cel expression must evaluate to a bool", "compilation failed: ");
            if (rule.MessageExpression is { } expression)
            {
                Expression(
                    expression,
                    $"{at}.messageExpression",
                    rules[i],
                    "string",
                    "messageExpression must evaluate to a string",
                    "messageExpression compilation failed: "
                );
            }

            void Expression(string text, string where, JsonNode? whole, string type, string wrongType, string failed)
            {
                try
                {
                    if (Checker.Check(text, schema, rule.OptionalOldSelf) is var found && found != type && found != "dyn")
                    {
                        findings.Invalid(where, whole, wrongType);
                    }
                    if (Cel.Rules.UsesOldSelf(text) && !hasOld)
                    {
                        findings.Invalid(where, text, $"oldSelf cannot be used on the uncorrelatable portion of the schema within {field}");
                    }
                }
                catch (CelSyntaxException e)
                {
                    findings.Invalid(where, whole, failed + e.Print());
                }
            }
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

    [GeneratedRegex(@"^(\.[A-Za-z_][A-Za-z0-9_-]*|\['[^']+'\])+\z")]
    private static partial Regex FieldPathForm();
}
