using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Tables;

/// <summary>Objects as a Table (meta.k8s.io/v1), which is what <c>kubectl get</c> prints.</summary>
public static class Table
{
    /// <summary>The table without its list metadata, which the caller knows.</summary>
    /// <param name="apiVersion">Of the objects.</param>
    /// <param name="kind">Of the objects.</param>
    /// <param name="printerColumns">additionalPrinterColumns of a custom resource.</param>
    /// <param name="objects">The objects, in the order of the rows.</param>
    /// <param name="includeObject">None, Object or Metadata (also null): what each row carries beside its cells.</param>
    /// <param name="now">Ages are counted to this time.</param>
    public static JsonObject Render(
        string apiVersion,
        string kind,
        JsonArray? printerColumns,
        IEnumerable<JsonObject> objects,
        string? includeObject,
        DateTimeOffset now
    )
    {
        var columns = (BuiltInColumns.Find(apiVersion, kind) ?? CustomColumns.Of(printerColumns)).ToArray();
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject(),
            ["columnDefinitions"] = new JsonArray([.. columns.Select(Definition)]),
            ["rows"] = new JsonArray([.. objects.Select(doc => Row(doc, columns, includeObject, now))]),
        };
    }

    private static JsonNode Definition(Column column) =>
        new JsonObject
        {
            ["name"] = column.Name,
            ["type"] = column.Type,
            ["format"] = column.Format,
            ["description"] = column.Description,
            ["priority"] = column.Priority,
        };

    private static JsonObject Row(JsonObject doc, Column[] columns, string? includeObject, DateTimeOffset now)
    {
        var row = new JsonObject { ["cells"] = new JsonArray([.. columns.Select(column => column.Cell(doc, now))]) };
        if (doc["kind"].Text() == "Pod" && PodColumns.Completion(doc) is { } completion)
        {
            row["conditions"] = new JsonArray(completion);
        }
        row["object"] = includeObject switch
        {
            "None" => null,
            "Object" => doc.DeepClone(),
            _ => new JsonObject
            {
                ["kind"] = "PartialObjectMetadata",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = doc["metadata"]?.DeepClone(),
            },
        };
        return row;
    }
}
