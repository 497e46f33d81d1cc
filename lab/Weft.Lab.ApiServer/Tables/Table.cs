using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Tables;

internal static class Table
{
    public static JsonObject Render(Kind kind, IEnumerable<JsonObject> objects, string? includeObject) =>
        new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject(),
            ["columnDefinitions"] = new JsonArray(
                new JsonObject { ["name"] = "Name", ["type"] = "string", ["format"] = "name", ["description"] = "", ["priority"] = 0 }
            ),
            ["rows"] = new JsonArray(
                [
                    .. objects.Select(document => new JsonObject
                    {
                        ["cells"] = new JsonArray(document["metadata"]!["name"]!.DeepClone()),
                        ["object"] = new JsonObject
                        {
                            ["kind"] = "PartialObjectMetadata",
                            ["apiVersion"] = "meta.k8s.io/v1",
                            ["metadata"] = document["metadata"]!.DeepClone(),
                        },
                    }),
                ]
            ),
        };
}
