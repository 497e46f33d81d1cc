using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Registry;

/// <summary>The scale subresource: an autoscaling/v1 Scale out of an object, and back into it.</summary>
internal static class Scaling
{
    public static JsonObject Of(ScalePaths paths, JsonObject document)
    {
        var metadata = new JsonObject();
        foreach (var field in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (Metadata.Of(document)[field] is { } value)
            {
                metadata[field] = value.DeepClone();
            }
        }

        var status = new JsonObject { ["replicas"] = Fields.At(document, paths.StatusReplicas).Integer() ?? 0 };
        if (paths.Selector is { } path && SelectorText(Fields.At(document, path)) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        var spec = new JsonObject();
        if (Fields.At(document, paths.Replicas).Integer() is { } replicas and not 0)
        {
            spec["replicas"] = replicas;
        }

        return new()
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = spec,
            ["status"] = status,
        };
    }

    /// <summary>Sets the wanted replicas, and the preconditions that the Scale carries.</summary>
    /// <exception cref="StatusException">It wants fewer than none.</exception>
    public static JsonObject Into(Kind kind, JsonObject document, JsonObject scale)
    {
        var replicas = (scale["spec"]?["replicas"]).Integer() ?? 0;
        if (replicas < 0)
        {
            throw Failures.Invalid(
                new("autoscaling", "v1", "", "Scale", true),
                Metadata.Of(document)["name"].Text()!,
                [FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0")]
            );
        }

        Fields.Set(document, kind.Scale!.Replicas, replicas);
        Metadata.Of(document).Remove("resourceVersion");
        if (scale["metadata"]?["resourceVersion"] is { } version)
        {
            Metadata.Of(document)["resourceVersion"] = version.DeepClone();
        }

        return document;
    }

    private static string SelectorText(JsonNode? selector) =>
        selector is JsonObject
            ? string.Join(
                ",",
                Fields
                    .Map(selector["matchLabels"])
                    .OrderBy(label => label.Key, StringComparer.Ordinal)
                    .Select(label => $"{label.Key}={label.Value}")
                    .Concat(selector["matchExpressions"].Objects().Select(ExpressionText))
            )
            : selector.Text() ?? "";

    private static string ExpressionText(JsonObject expression)
    {
        var key = expression["key"].Text();
        var values = $"({string.Join(",", expression["values"].Texts().Order(StringComparer.Ordinal))})";
        return expression["operator"].Text() switch
        {
            "In" => $"{key} in {values}",
            "NotIn" => $"{key} notin {values}",
            "DoesNotExist" => $"!{key}",
            _ => $"{key}",
        };
    }
}
