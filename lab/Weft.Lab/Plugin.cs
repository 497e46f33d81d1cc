using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Lab;

/// <summary>Calls the CNI plugin as a container runtime does: a process in the node, told by environment and stdin.</summary>
internal static class Plugin
{
    private const string CniVersion = "1.1.0";

    /// <returns>What the plugin wrote, if anything.</returns>
    /// <exception cref="LabException">It failed; the message is the plugin's.</exception>
    public static JsonObject? Call(string verb, PodFiles pod, PodRecord record)
    {
        var node = pod.Lab.ExistingNode(record.Node);
        var config = new JsonObject
        {
            ["cniVersion"] = CniVersion,
            ["name"] = Node.Network,
            ["type"] = Path.GetFileName(Programs.Plugin),
        };
        if (record.Result is not null)
        {
            config["prevResult"] = record.Result.DeepClone();
        }

        var start = new ProcessStartInfo(Programs.Plugin)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["CNI_COMMAND"] = verb;
        start.Environment["CNI_CONTAINERID"] = record.ContainerId;
        start.Environment["CNI_NETNS"] = pod.Netns;
        start.Environment["CNI_IFNAME"] = "eth0";
        start.Environment["CNI_PATH"] = Path.GetDirectoryName(Programs.Plugin);
        start.Environment["CNI_ARGS"] = string.Join(
            ';',
            "IgnoreUnknown=1",
            $"K8S_POD_NAMESPACE={pod.Name.Namespace}",
            $"K8S_POD_NAME={pod.Name.Name}",
            $"K8S_POD_INFRA_CONTAINER_ID={record.ContainerId}",
            $"K8S_POD_UID={record.Uid}"
        );

        return LabNamespaces
            .Of(node)
            .Run(() =>
            {
                using var process = Process.Start(start)!;
                using (process.StandardInput)
                {
                    process.StandardInput.Write(config.ToJsonString());
                }

                var output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                return process.ExitCode == 0
                    ? Parse(output)
                    : throw new LabException($"CNI {verb} of {pod.Name} failed: {Explain(output, process.ExitCode)}");
            });
    }

    private static string Explain(string output, int exitCode)
    {
        try
        {
            return Parse(output) is { } error
                ? $"{error["msg"]} (code {error["code"]}) {error["details"]}".TrimEnd()
                : Silent();
        }
        catch (JsonException)
        {
            return Silent();
        }

        string Silent() => $"exit code {exitCode}, without a CNI error on stdout: {output.Trim()}";
    }

    private static JsonObject? Parse(string output) =>
        string.IsNullOrWhiteSpace(output) ? null : JsonNode.Parse(output)!.AsObject();
}
