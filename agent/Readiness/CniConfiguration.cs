using System.Text.Json;
using Weft.Agent.Configuration;
using Weft.Agent.Files;
using Weft.Contracts;

namespace Weft.Agent.Readiness;

/// <summary>
/// The network configuration list that the runtime reads. The runtime takes the first file by name, and a node whose
/// runtime finds one is ready for pods: so it is written when the agent can serve, and not before.
/// </summary>
internal static class CniConfiguration
{
    /// <summary>Name of the file, before those of other networks.</summary>
    public const string FileName = "05-weft.conflist";

    private const string BandwidthPlugin = "bandwidth";
    private const string PortMapPlugin = "portmap";

    // The one that every runtime still in use reads: containerd before 2.0 refuses results of a later one. So do the
    // reference plugins that distributions have, and a list has one version for all its plugins.
    private const string Version = "1.0.0";

    // Of these a runtime that knows of such a list takes the newest that it speaks; others do not look (CNI spec, section 1).
    private static readonly string[] Versions = [Version, "1.1.0"];

    /// <summary>Reference plugins that may follow, with the capability that the runtime must hand to them.</summary>
    private static readonly Dictionary<string, string> Capabilities = new()
    {
        [BandwidthPlugin] = "bandwidth",
        [PortMapPlugin] = "portMappings",
    };

    /// <summary>Plugins that may follow Weft.</summary>
    public static IEnumerable<string> Followers => Capabilities.Keys.Order();

    /// <summary>True for those.</summary>
    public static bool CanFollow(string plugin) => Capabilities.ContainsKey(plugin);

    /// <summary>Writes the list; one that is right already is not touched, for the runtime reads it again when it is.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(KubernetesSettings settings, string runDirectory, bool servesServices)
    {
        var content = Content(
            settings.CniChain,
            Path.Combine(runDirectory, WeftPaths.SocketName),
            servesServices && !settings.CniChain.Contains(PortMapPlugin)
        );
        var path = Path.Combine(settings.CniConfigDirectory, FileName);
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            DurableFile.Replace(path, stream => stream.Write(content));
        }
    }

    /// <summary>The list's text.</summary>
    /// <param name="chain">Plugins that follow Weft.</param>
    /// <param name="socket">The agent's socket.</param>
    /// <param name="mapsPorts">Host ports are Weft's to serve.</param>
    internal static byte[] Content(IReadOnlyList<string> chain, string socket, bool mapsPorts)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("cniVersion", Version);
            if (chain.Count == 0)
            {
                json.WriteStartArray("cniVersions");
                foreach (var version in Versions)
                {
                    json.WriteStringValue(version);
                }

                json.WriteEndArray();
            }

            json.WriteString("name", "weft");
            json.WriteStartArray("plugins");
            json.WriteStartObject();
            json.WriteString("type", "weft-cni");
            if (socket != WeftPaths.DefaultSocket)
            {
                json.WriteString("agentSocket", socket);
            }

            // With the bandwidth plugin's, Weft leaves that plugin its place on the device.
            List<string> capabilities =
            [
                .. chain.Contains(BandwidthPlugin) ? [Capabilities[BandwidthPlugin]] : (string[])[],
                .. mapsPorts ? [Capabilities[PortMapPlugin]] : (string[])[],
            ];
            if (capabilities.Count > 0)
            {
                WriteCapabilities(json, capabilities);
            }

            json.WriteEndObject();
            foreach (var plugin in chain)
            {
                json.WriteStartObject();
                json.WriteString("type", plugin);
                WriteCapabilities(json, [Capabilities[plugin]]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        text.Write("\n"u8);
        return text.ToArray();
    }

    private static void WriteCapabilities(Utf8JsonWriter json, IEnumerable<string> names)
    {
        json.WriteStartObject("capabilities");
        foreach (var name in names)
        {
            json.WriteBoolean(name, true);
        }

        json.WriteEndObject();
    }
}
