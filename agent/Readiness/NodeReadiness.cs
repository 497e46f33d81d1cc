using System.Globalization;
using System.Text.Json.Nodes;
using Weft.Kubernetes.Objects;

namespace Weft.Agent.Readiness;

/// <summary>What a node that can serve still says that it cannot, and the patches that put it right. Pure.</summary>
internal static class NodeReadiness
{
    /// <summary>A taint that keeps pods off a node until its agent serves; somebody else puts it on, to have it taken off here.</summary>
    public const string StartupTaint = "node.weft.dev/agent-not-ready";

    private const string NetworkUnavailable = "NetworkUnavailable";

    /// <summary>Sets the condition that the scheduler and the cloud provider look at; null when it is right.</summary>
    public static JsonObject? ConditionPatch(KubernetesNode node, DateTimeOffset now)
    {
        var present = node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == NetworkUnavailable);
        if (present?.Status == "False")
        {
            return null;
        }

        var time = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["conditions"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = NetworkUnavailable,
                        ["status"] = "False",
                        ["reason"] = "WeftIsUp",
                        ["message"] = "Weft's agent serves on this node",
                        ["lastHeartbeatTime"] = time,
                        ["lastTransitionTime"] = time,
                    }
                ),
            },
        };
    }

    /// <summary>
    /// Removes the startup taint; null when there is none. Taints are one list that others change too: the operations
    /// apply to the very list that was read, or not at all.
    /// </summary>
    public static JsonArray? TaintPatch(KubernetesNode node)
    {
        var taints = node.Spec?.Taints ?? [];
        for (var i = 0; i < taints.Count; i++)
        {
            if (taints[i].Key == StartupTaint)
            {
                return new JsonArray(
                    new JsonObject
                    {
                        ["op"] = "test",
                        ["path"] = $"/spec/taints/{i}/key",
                        ["value"] = StartupTaint,
                    },
                    new JsonObject { ["op"] = "remove", ["path"] = $"/spec/taints/{i}" }
                );
            }
        }

        return null;
    }
}
