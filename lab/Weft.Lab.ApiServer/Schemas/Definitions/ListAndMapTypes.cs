using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Defaults;

namespace Weft.Lab.ApiServer.Schemas.Definitions;

/// <summary>The x-kubernetes-list-type, -map-type and -list-map-keys of a schema.</summary>
internal static class ListAndMapTypes
{
    public static void Validate(JsonObject node, string type, string field, Findings findings)
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
            findings.Required(
                $"{field}.x-kubernetes-list-type",
                "must be map if x-kubernetes-list-map-keys is non-empty"
            );
        }
        if (listType != "map")
        {
            return;
        }
        if (keys.Length == 0)
        {
            findings.Required(
                $"{field}.x-kubernetes-list-map-keys",
                "must not be empty if x-kubernetes-list-type is map"
            );
        }
        var items = node["items"];
        if (items.At("type").Text() != "object")
        {
            findings.Invalid(
                $"{field}.items.type",
                items.At("type") ?? "",
                "must be object if parent array's x-kubernetes-list-type is map"
            );
        }
        foreach (var key in keys)
        {
            if (items.At("properties", key) is not JsonObject property)
            {
                findings.Invalid(
                    $"{field}.x-kubernetes-list-map-keys",
                    node["x-kubernetes-list-map-keys"],
                    "entries must all be names of item properties"
                );
            }
            else if (property["type"].Text() is "array" or "object")
            {
                findings.Invalid(
                    $"{field}.items.properties[{key}].type",
                    property["type"],
                    "must be a scalar type if parent array's x-kubernetes-list-type is map"
                );
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
}
