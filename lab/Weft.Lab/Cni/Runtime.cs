using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Lab.Cni;

/// <summary>Runs a list's plugins as a container runtime does: processes in the node, told by environment and stdin.</summary>
internal static class Runtime
{
    /// <summary>Each plugin in turn gets the result of the one before it.</summary>
    /// <returns>The last one's result.</returns>
    /// <exception cref="LabException">One failed; what those before it made is there until <see cref="Delete"/>.</exception>
    public static JsonObject Add(LabNamespaces node, PluginList list, Attachment attachment)
    {
        JsonObject? result = null;
        foreach (var plugin in list.Plugins)
        {
            result = Call("ADD", node, list, plugin, attachment, result);
        }

        return result ?? throw new LabException($"CNI ADD of {attachment.Pod}: the plugin printed no result");
    }

    /// <summary>In the reverse order; every plugin has its turn, whatever became of the others.</summary>
    /// <param name="node">Where plugins run.</param>
    /// <param name="list">The list of ADD, which may have been changed on disk since.</param>
    /// <param name="attachment">As in ADD.</param>
    /// <param name="result">The result of ADD, or null when it failed.</param>
    /// <exception cref="LabException">One failed: the first's message.</exception>
    public static void Delete(LabNamespaces node, PluginList list, Attachment attachment, JsonObject? result)
    {
        LabException? failure = null;
        foreach (var plugin in list.Plugins.Reverse())
        {
            try
            {
                Call("DEL", node, list, plugin, attachment, result);
            }
            catch (LabException e)
            {
                failure ??= e;
            }
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private static JsonObject? Call(
        string verb,
        LabNamespaces node,
        PluginList list,
        JsonObject plugin,
        Attachment attachment,
        JsonObject? previous
    )
    {
        var config = Configuration(list, plugin, attachment, previous);
        var start = new ProcessStartInfo(Programs.CniPlugin((string?)plugin["type"] ?? ""))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["CNI_COMMAND"] = verb;
        start.Environment["CNI_CONTAINERID"] = attachment.ContainerId;
        start.Environment["CNI_NETNS"] = attachment.Netns;
        start.Environment["CNI_IFNAME"] = "eth0";
        start.Environment["CNI_PATH"] = Programs.CniPath;
        start.Environment["CNI_ARGS"] = attachment.Arguments;

        return node.Run(() =>
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
                : throw new LabException($"CNI {verb} of {attachment.Pod} failed: {Explain(output, process.ExitCode)}");
        });
    }

    /// <summary>The plugin's own configuration and what the runtime derives (CNI spec 1.1.0, section 3).</summary>
    internal static JsonObject Configuration(
        PluginList list,
        JsonObject plugin,
        Attachment attachment,
        JsonObject? previous
    )
    {
        var config = plugin.DeepClone().AsObject();
        config["cniVersion"] = list.CniVersion;
        config["name"] = list.Name;
        if (previous is not null)
        {
            config["prevResult"] = previous.DeepClone();
        }

        if (config["capabilities"] is JsonObject declared && attachment.CapabilityArgs is { } given)
        {
            var arguments = given
                .Where(argument => declared[argument.Key] is JsonValue wanted && wanted.TryGetValue(out bool on) && on)
                .Select(argument => KeyValuePair.Create(argument.Key, argument.Value?.DeepClone()));
            config["runtimeConfig"] = new JsonObject(arguments);
        }

        config.Remove("capabilities");
        return config;
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
