using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Kinds;

/// <summary>What a CustomResourceDefinition has served: one kind for each of its versions.</summary>
internal static class CustomKinds
{
    /// <summary>Served versions of a definition whose names are accepted; none before.</summary>
    public static IEnumerable<Kind> Of(JsonObject definition)
    {
        if (!Fields.HasCondition(definition, "Established"))
        {
            yield break;
        }

        var spec = (JsonObject)definition["spec"]!;
        var names = (JsonObject)definition["status"]!["acceptedNames"]!;
        var group = spec["group"].Text()!;
        foreach (var version in spec["versions"].Objects().Where(version => version["served"].Flag() == true))
        {
            var subresources = version["subresources"] as JsonObject;
            var name = names["kind"].Text()!;
            yield return new(
                group,
                version["name"].Text()!,
                names["plural"].Text()!,
                name,
                spec["scope"].Text() == "Namespaced"
            )
            {
                Singular = names["singular"].Text() ?? name.ToLowerInvariant(),
                ListName = names["listKind"].Text() ?? $"{name}List",
                ShortNames = [.. names["shortNames"].Texts()],
                Categories = [.. names["categories"].Texts()],
                HasStatus = subresources?["status"] is not null,
                HasGeneration = true,
                AllowsUnconditionalUpdate = false,
                Scale = subresources?["scale"] is JsonObject scale ? ScaleOf(scale) : null,
                SelectableFields = version["selectableFields"]
                    .Objects()
                    .Select(field => field["jsonPath"].Text()!.TrimStart('.'))
                    .ToDictionary(path => path),
                PrinterColumns = version["additionalPrinterColumns"] as JsonArray,
                Definition = definition,
                Schema = CustomSchema.OfVersion(version),
            };
        }
    }

    private static ScalePaths ScaleOf(JsonObject scale) =>
        new(scale["specReplicasPath"].Text()!, scale["statusReplicasPath"].Text()!, scale["labelSelectorPath"].Text());
}
