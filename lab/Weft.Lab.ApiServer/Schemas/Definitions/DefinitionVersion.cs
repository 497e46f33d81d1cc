using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Defaults;
using Weft.Lab.ApiServer.Tables;

namespace Weft.Lab.ApiServer.Schemas.Definitions;

/// <summary>A version of a CustomResourceDefinition: its columns, its subresources, and the root of its schema.</summary>
internal static class DefinitionVersion
{
    public static void Validate(JsonObject version, string field, Findings findings)
    {
        findings.Invalid(
            $"{field}.name",
            version["name"].Text() ?? "",
            Formats.Dns1035Label(version["name"].Text() ?? "")
        );
        Columns(version, field, findings);
        Scale(version.At("subresources", "scale"), $"{field}.subresources.scale", findings);
        if (version.At("schema", "openAPIV3Schema") is not JsonObject schema)
        {
            findings.Required($"{field}.schema.openAPIV3Schema");
            return;
        }
        Root(schema, $"{field}.schema.openAPIV3Schema", findings);
    }

    private static void Columns(JsonObject version, string field, Findings findings)
    {
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
    }

    private static void Root(JsonObject schema, string field, Findings findings)
    {
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
            findings.Forbidden(
                $"{field}.properties[metadata]",
                "must not specify anything other than name and generateName, but metadata is implicitly specified"
            );
        }
        StructuralSchema.Validate(schema, field, "", findings, hasOld: true);
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
        foreach (
            var (name, prefix) in ((string, string)[])
                [("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")]
        )
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
}
