using System.Text.Json;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Connectivity;

/// <summary>The image of the cluster's agents, which has `weft-probe` and is on every node already.</summary>
public static class AgentImage
{
    /// <summary>Path of the program in it.</summary>
    public const string Probe = "/usr/bin/weft-probe";

    /// <summary>Null when agents are no pods there.</summary>
    public static async Task<string?> FindAsync(KubernetesClient client, CancellationToken cancel)
    {
        var sets = await client.ListAsync(
            Kinds.DaemonSets,
            new ListOptions { LabelSelector = "app.kubernetes.io/name=weft-agent" },
            cancel
        );
        return
            sets.Items is [{ Spec.Template.Spec: { ValueKind: JsonValueKind.Object } spec }, ..]
            && spec.TryGetProperty("containers", out var containers)
            && containers.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } agent
            && agent.TryGetProperty("image", out var image)
            ? image.GetString()
            : null;
    }
}
