using System.Text.Json;
using Weft.Kubernetes.Objects;

namespace Weft.Policy.Checks;

/// <summary>A finding and the object it is about.</summary>
/// <param name="Source">As in <see cref="Manifest"/>.</param>
/// <param name="Object">"NetworkPolicy shop/web".</param>
/// <param name="Finding">What was found.</param>
public sealed record ManifestFinding(string Source, string Object, Finding Finding)
{
    /// <summary>"policies.yaml:2:spec.podSelector: warning: …".</summary>
    public override string ToString() =>
        $"{Source}:{Finding.Path}: {(Finding.Severity == Severity.Error ? "error" : "warning")}: {Object}: {Finding.Message}";
}

/// <summary>
/// Checks the NetworkPolicies among some manifests: each by itself, and against the pods and namespaces that are given
/// with them.
/// </summary>
public static class ManifestCheck
{
    private const string PolicyApi = "networking.k8s.io/v1";
    private static readonly string[] template = ["spec", "template"];

    /// <summary>Where the kinds that make pods have their template.</summary>
    private static readonly Dictionary<string, string[]> templates = new()
    {
        ["Pod"] = [],
        ["Deployment"] = template,
        ["ReplicaSet"] = template,
        ["DaemonSet"] = template,
        ["StatefulSet"] = template,
        ["ReplicationController"] = template,
        ["Job"] = template,
        ["CronJob"] = ["spec", "jobTemplate", "spec", "template"],
    };

    /// <summary>How many policies are among them.</summary>
    public static int Policies(IEnumerable<Manifest> manifests) => manifests.SelectMany(m => m.Items).Count(IsPolicy);

    /// <summary>All findings, in the order of the manifests.</summary>
    public static IReadOnlyList<ManifestFinding> Of(IEnumerable<Manifest> manifests)
    {
        var objects = manifests.SelectMany(manifest => manifest.Items).ToList();
        var findings = new List<ManifestFinding>();
        var around = new Surroundings(
            [.. objects.Select(manifest => Pod(manifest, findings)).OfType<SelectablePod>()],
            objects
                .Where(manifest => manifest.Kind == "Namespace")
                .DistinctBy(manifest => manifest.Name)
                .ToDictionary(manifest => manifest.Name, Labels)
        );
        var seen = new Dictionary<(string, string), string>();
        foreach (var manifest in objects.Where(IsPolicy))
        {
            findings.AddRange(
                Policy(manifest, around)
                    .Select(finding => new ManifestFinding(manifest.Source, Name(manifest), finding))
            );
            if (!seen.TryAdd((manifest.Namespace, manifest.Name), manifest.Source))
            {
                var first = seen[(manifest.Namespace, manifest.Name)];
                findings.Add(
                    Of(
                        manifest,
                        Severity.Warning,
                        "metadata.name",
                        $"takes the place of the one at {first}; rename one"
                    )
                );
            }
        }

        return findings;
    }

    /// <summary>Those of other groups (Calico's, Antrea's) have another form and are not ours to judge.</summary>
    private static bool IsPolicy(Manifest manifest) =>
        manifest.Kind == "NetworkPolicy"
        && (
            manifest.ApiVersion is "" or "extensions/v1beta1"
            || manifest.ApiVersion.StartsWith("networking.k8s.io/", StringComparison.Ordinal)
        );

    private static IEnumerable<Finding> Policy(Manifest manifest, Surroundings around)
    {
        if (manifest.ApiVersion != PolicyApi)
        {
            return [new Finding(Severity.Error, "apiVersion", $"\"{manifest.ApiVersion}\" must be {PolicyApi}")];
        }

        var unknown = FieldChecks.Of(manifest.Json).ToList();
        try
        {
            var policy = manifest.Json.Deserialize(Kinds.NetworkPolicies.Json)!;
            return
            [
                .. unknown,
                .. PolicyChecks.Of(policy),
                .. MatchChecks.Of(policy.Spec ?? new NetworkPolicySpec(), manifest.Namespace, around),
            ];
        }
        catch (JsonException e)
        {
            return [.. unknown, WrongType(e)];
        }
    }

    private static SelectablePod? Pod(Manifest manifest, List<ManifestFinding> findings)
    {
        if (!templates.TryGetValue(manifest.Kind, out var path) || manifest.At(path) is not { } json)
        {
            return null;
        }

        try
        {
            return SelectablePod.Of(json.Deserialize(Kinds.Pods.Json)!, Name(manifest), manifest.Namespace);
        }
        catch (JsonException e)
        {
            findings.Add(new ManifestFinding(manifest.Source, Name(manifest), WrongType(e)));
            return null;
        }
    }

    private static IReadOnlyDictionary<string, string> Labels(Manifest manifest) =>
        manifest.At("metadata", "labels") is { ValueKind: JsonValueKind.Object } labels
            ? labels
                .EnumerateObject()
                .Where(label => label.Value.ValueKind == JsonValueKind.String)
                .ToDictionary(label => label.Name, label => label.Value.GetString()!)
            : new Dictionary<string, string>();

    private static string Name(Manifest manifest) => $"{manifest.Kind} {manifest.Namespace}/{manifest.Name}";

    private static ManifestFinding Of(Manifest manifest, Severity severity, string path, string message) =>
        new(manifest.Source, Name(manifest), new Finding(severity, path, message));

    /// <summary>Names no type of ours: the path says which field it is.</summary>
    private static Finding WrongType(JsonException e) =>
        e.Path is { Length: > 2 } path
            ? new Finding(
                Severity.Error,
                path[2..],
                "is of another type than this field, or lacks one that it must have; quote a text that looks like a number or like yes and no"
            )
            : new Finding(Severity.Error, "", e.Message);
}
