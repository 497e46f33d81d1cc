using System.Globalization;
using System.Text.Json.Nodes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Kubelet.Pods;

/// <summary>What a pod says that plugins may be told by capability (CNI conventions): ports of the host, bandwidth.</summary>
internal static class Capabilities
{
    private const string Ingress = "kubernetes.io/ingress-bandwidth";
    private const string Egress = "kubernetes.io/egress-bandwidth";

    /// <exception cref="LabException">An annotation is no quantity.</exception>
    public static JsonObject? Of(Pod pod)
    {
        var arguments = new JsonObject();
        JsonArray mappings =
        [
            .. from container in pod.Spec?.Containers ?? []
            from port in container.Ports ?? []
            where port.HostPort is > 0
            select (JsonNode)
                new JsonObject
                {
                    ["hostPort"] = port.HostPort,
                    ["containerPort"] = port.Port,
                    ["protocol"] = (port.Protocol ?? "TCP").ToLowerInvariant(),
                    ["hostIP"] = port.HostIP ?? "",
                },
        ];
        if (mappings.Count > 0)
        {
            arguments["portMappings"] = mappings;
        }

        if (Bandwidth(pod) is { Count: > 0 } bandwidth)
        {
            arguments["bandwidth"] = bandwidth;
        }

        return arguments.Count > 0 ? arguments : null;
    }

    private static JsonObject Bandwidth(Pod pod)
    {
        var bandwidth = new JsonObject();
        foreach (var (direction, annotation) in new[] { ("ingress", Ingress), ("egress", Egress) })
        {
            if (pod.Metadata.Annotations?.GetValueOrDefault(annotation) is { } text)
            {
                bandwidth[$"{direction}Rate"] = BitsPerSecond(annotation, text);
                bandwidth[$"{direction}Burst"] = uint.MaxValue;
            }
        }

        return bandwidth;
    }

    /// <summary>A Kubernetes quantity: a number with k, M, G or Ki, Mi, Gi, or nothing.</summary>
    internal static long BitsPerSecond(string annotation, string text)
    {
        var digits = text.TrimEnd('k', 'M', 'G', 'i');
        decimal? factor = text[digits.Length..] switch
        {
            "" => 1,
            "k" => 1000,
            "M" => 1000_000,
            "G" => 1000_000_000,
            "Ki" => 1 << 10,
            "Mi" => 1 << 20,
            "Gi" => 1 << 30,
            _ => null,
        };
        return
            factor is not null
            && decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? (long)(number * factor.Value)
            : throw new LabException($"the annotation {annotation} is \"{text}\": write bits per second as 10M");
    }
}
