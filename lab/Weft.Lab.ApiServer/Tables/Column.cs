using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Tables;

/// <summary>A column of a Table (meta.k8s.io/v1) and the value an object has in it.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Type">An OpenAPI type.</param>
/// <param name="Priority">0, or 1 for columns that only <c>-o wide</c> shows.</param>
/// <param name="Cell">The value in the row of an object, at a time.</param>
internal sealed record Column(string Name, string Type, int Priority, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    public string Format { get; init; } = "";

    public string Description { get; init; } = "";
}
