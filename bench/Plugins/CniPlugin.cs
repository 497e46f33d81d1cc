using System.Text.Json.Nodes;

namespace Weft.Bench.Plugins;

/// <summary>A pod as a plugin is told of it.</summary>
/// <param name="Netns">Path of its namespace.</param>
/// <param name="Result">What ADD has answered; a runtime hands it to DEL.</param>
internal sealed record PluginPod(string ContainerId, string Name, string Netns, JsonNode? Result = null);

/// <summary>A CNI plugin with its configuration.</summary>
internal sealed class CniPlugin(string program, JsonObject config)
{
    /// <summary>The newest version that both sides speak.</summary>
    public const string Version = "1.0.0";

    /// <summary>Where Debian keeps the reference plugins.</summary>
    public const string ReferenceDirectory = "/usr/lib/cni";

    public static CniPlugin Weft(string program) =>
        new(
            program,
            new JsonObject
            {
                ["cniVersion"] = Version,
                ["name"] = "weft",
                ["type"] = "weft-cni",
            }
        );

    /// <summary>The reference: default routes, no masquerade by the plugin.</summary>
    public static CniPlugin PointToPoint(string dataDirectory, params ReadOnlySpan<string> subnets)
    {
        var ranges = new JsonArray();
        var routes = new JsonArray();
        foreach (var subnet in subnets)
        {
            ranges.Add((JsonNode)new JsonArray(new JsonObject { ["subnet"] = subnet }));
            routes.Add((JsonNode)new JsonObject { ["dst"] = subnet.Contains(':') ? "::/0" : "0.0.0.0/0" });
        }

        return new CniPlugin(
            $"{ReferenceDirectory}/ptp",
            new JsonObject
            {
                ["cniVersion"] = Version,
                ["name"] = "reference",
                ["type"] = "ptp",
                ["ipMasq"] = false,
                ["ipam"] = new JsonObject
                {
                    ["type"] = "host-local",
                    ["dataDir"] = dataDirectory,
                    ["ranges"] = ranges,
                    ["routes"] = routes,
                },
            }
        );
    }

    /// <summary>Runs in the namespaces of the calling thread. A plugin that fails is an exit with a status, too.</summary>
    public PluginExit Call(string verb, PluginPod pod)
    {
        var input = config.DeepClone().AsObject();
        if (pod.Result is not null)
        {
            input["prevResult"] = pod.Result.DeepClone();
        }

        return PluginProcess.Run(
            program,
            input.ToJsonString(),
            [
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                $"CNI_COMMAND={verb}",
                $"CNI_CONTAINERID={pod.ContainerId}",
                $"CNI_NETNS={pod.Netns}",
                "CNI_IFNAME=eth0",
                $"CNI_PATH={ReferenceDirectory}",
                $"CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=bench;K8S_POD_NAME={pod.Name};"
                    + $"K8S_POD_INFRA_CONTAINER_ID={pod.ContainerId}",
                null,
            ]
        );
    }
}
