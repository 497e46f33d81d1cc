using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers.Workloads;

/// <summary>What pods are made from.</summary>
internal static class PodTemplate
{
    // As Kubernetes' names: no vowels, for no words, and nothing that looks like another sign.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int HashLength = 10;

    /// <summary>The same for templates that say the same, in whatever order.</summary>
    public static string Hash(PodTemplateSpec template)
    {
        var text = new StringBuilder();
        foreach (var map in new[] { template.Metadata?.Labels, template.Metadata?.Annotations })
        {
            foreach (
                var (key, value) in (map ?? new Dictionary<string, string>()).OrderBy(
                    p => p.Key,
                    StringComparer.Ordinal
                )
            )
            {
                text.Append(key).Append('=').Append(value).Append('\n');
            }

            text.Append('\n');
        }

        Canonical(template.Spec, text);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
        return string.Concat(hash.Take(HashLength).Select(b => Alphabet[b % Alphabet.Length]));
    }

    /// <summary>A pod of it: whoever makes it owns it.</summary>
    public static TemplatedPod Make(
        PodTemplateSpec template,
        string ownerNamespace,
        string generateName,
        OwnerReference owner,
        KeyValuePair<string, string>? hashLabel,
        JsonElement? spec = null
    ) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = ownerNamespace,
                GenerateName = generateName,
                Labels = With(template.Metadata?.Labels, hashLabel),
                Annotations = template.Metadata?.Annotations,
                OwnerReferences = [owner],
            },
            Spec = spec ?? template.Spec ?? default,
        };

    public static JsonObject SpecOf(PodTemplateSpec template) =>
        template.Spec is { } spec ? JsonObject.Create(spec)! : [];

    public static Dictionary<string, string> With(
        IReadOnlyDictionary<string, string>? labels,
        KeyValuePair<string, string>? another
    )
    {
        var all = new Dictionary<string, string>(labels ?? new Dictionary<string, string>());
        if (another is { } label)
        {
            all[label.Key] = label.Value;
        }

        return all;
    }

    /// <summary>Its spec as far as controllers read it.</summary>
    public static PodSpec Read(PodTemplateSpec template)
    {
        var pod = new JsonObject { ["metadata"] = new JsonObject(), ["spec"] = SpecOf(template) };
        return pod.Deserialize(Kinds.Pods.Json)!.Spec!;
    }

    private static void Canonical(JsonElement? element, StringBuilder text)
    {
        switch (element)
        {
            case { ValueKind: JsonValueKind.Object } map:
                foreach (var property in map.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    text.Append('{').Append(property.Name).Append(':');
                    Canonical(property.Value, text);
                }

                text.Append('}');
                break;
            case { ValueKind: JsonValueKind.Array } list:
                foreach (var item in list.EnumerateArray())
                {
                    text.Append('[');
                    Canonical(item, text);
                }

                text.Append(']');
                break;
            default:
                text.Append(element?.GetRawText());
                break;
        }
    }
}
