using System.Text.Json.Nodes;

namespace Weft.Cli.Sysdump;

/// <summary>
/// Takes out of an object what may be secret and what nobody needs: a dump is given to others. What people put into
/// environments, command lines, probes and annotations is theirs.
/// </summary>
internal static class Redaction
{
    private const string Removed = "(removed)";
    private const string OurAnnotations = "weft.dev/";
    private static readonly string[] lists = ["containers", "initContainers", "ephemeralContainers"];
    private static readonly string[] harmless =
    [
        "name",
        "image",
        "imagePullPolicy",
        "ports",
        "resources",
        "restartPolicy",
        "securityContext",
        "volumeMounts",
    ];

    /// <summary>Changes the object itself.</summary>
    public static void Apply(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray array:
                foreach (var item in array)
                {
                    Apply(item);
                }

                break;
            case JsonObject value:
                value.Remove("managedFields");
                if (value["annotations"] is JsonObject annotations)
                {
                    KeepOurs(annotations);
                }

                foreach (var container in lists.SelectMany(list => value[list] as JsonArray ?? []).OfType<JsonObject>())
                {
                    foreach (var key in container.Select(member => member.Key).Except(harmless).ToList())
                    {
                        container[key] = Removed;
                    }
                }

                foreach (var (_, member) in value)
                {
                    Apply(member);
                }

                break;
        }
    }

    /// <summary>Others' keys tell which programs are at work; their values may tell anything.</summary>
    private static void KeepOurs(JsonObject annotations)
    {
        foreach (var key in annotations.Select(annotation => annotation.Key).ToList())
        {
            if (!key.StartsWith(OurAnnotations, StringComparison.Ordinal))
            {
                annotations[key] = Removed;
            }
        }
    }
}
