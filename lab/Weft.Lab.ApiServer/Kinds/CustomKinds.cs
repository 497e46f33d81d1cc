using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Kinds;

/// <summary>What a CustomResourceDefinition has served: one kind for each of its versions.</summary>
internal static class CustomKinds
{
    /// <summary>Served versions of a definition whose names are accepted; none before.</summary>
    public static IEnumerable<Kind> Of(JsonObject definition)
    {
        if (!Json.HasCondition(definition, "Established"))
        {
            yield break;
        }

        var spec = (JsonObject)definition["spec"]!;
        var names = (JsonObject)definition["status"]!["acceptedNames"]!;
        var group = Json.Text(spec["group"])!;
        foreach (var version in Json.Objects(spec["versions"]).Where(version => Json.IsTrue(version["served"])))
        {
            var subresources = version["subresources"] as JsonObject;
            var name = Json.Text(names["kind"])!;
            yield return new(
                group,
                Json.Text(version["name"])!,
                Json.Text(names["plural"])!,
                name,
                Json.Text(spec["scope"]) == "Namespaced"
            )
            {
                Singular = Json.Text(names["singular"]) ?? name.ToLowerInvariant(),
                ListName = Json.Text(names["listKind"]) ?? $"{name}List",
                ShortNames = Json.Texts(names["shortNames"]),
                Categories = Json.Texts(names["categories"]),
                HasStatus = subresources?["status"] is not null,
                HasGeneration = true,
                AllowsUnconditionalUpdate = false,
                Scale = subresources?["scale"] is JsonObject scale ? ScaleOf(scale) : null,
                SelectableFields = Json.Objects(version["selectableFields"])
                    .Select(field => Json.Text(field["jsonPath"])!.TrimStart('.'))
                    .ToDictionary(path => path),
                Definition = definition,
                Schema = KindSchema.OfVersion(version),
            };
        }
    }

    private static ScalePaths ScaleOf(JsonObject scale) =>
        new(
            Json.Text(scale["specReplicasPath"])!,
            Json.Text(scale["statusReplicasPath"])!,
            Json.Text(scale["labelSelectorPath"])
        );
}
