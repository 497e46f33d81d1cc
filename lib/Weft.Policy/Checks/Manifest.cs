using System.Text.Json;

namespace Weft.Policy.Checks;

/// <summary>An object as a file has it.</summary>
/// <param name="Source">Where it is from, for messages: "policies.yaml:2".</param>
/// <param name="Json">The object, whatever its kind.</param>
public sealed record Manifest(string Source, JsonElement Json)
{
    /// <summary>"apps/v1", or empty.</summary>
    public string ApiVersion => Text(Json, "apiVersion") ?? "";

    /// <summary>"Deployment", or empty.</summary>
    public string Kind => Text(Json, "kind") ?? "";

    /// <summary>Its name, or empty.</summary>
    public string Name => Text(Member(Json, "metadata"), "name") ?? "";

    /// <summary>Its namespace; that of kubectl without further ado when it names none.</summary>
    public string Namespace => Text(Member(Json, "metadata"), "namespace") ?? "default";

    /// <summary>Itself, or the objects of a list as kubectl writes them.</summary>
    public IEnumerable<Manifest> Items =>
        Kind == "List" && Member(Json, "items") is { ValueKind: JsonValueKind.Array } items
            ? items.EnumerateArray().SelectMany(item => (this with { Json = item }).Items)
            : [this];

    /// <summary>What is at a path of member names, if it is there.</summary>
    public JsonElement? At(params IEnumerable<string> path)
    {
        JsonElement? at = Json;
        foreach (var name in path)
        {
            at = Member(at, name);
        }

        return at;
    }

    private static JsonElement? Member(JsonElement? value, string name) =>
        value is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty(name, out var member)
            ? member
            : null;

    private static string? Text(JsonElement? value, string name) =>
        Member(value, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
