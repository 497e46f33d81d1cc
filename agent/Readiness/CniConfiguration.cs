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

    private const string Version = "1.1.0";

    // A list has one version for all its plugins, and the reference plugins that distributions have know no later one.
    private const string VersionOfChain = "1.0.0";

    /// <summary>Reference plugins that may follow, with the capability that the runtime must hand to them.</summary>
    private static readonly Dictionary<string, string> Capabilities = new()
    {
        ["bandwidth"] = "bandwidth",
        ["portmap"] = "portMappings",
    };

    /// <summary>Plugins that may follow Weft.</summary>
    public static IEnumerable<string> Followers => Capabilities.Keys.Order();

    /// <summary>True for those.</summary>
    public static bool CanFollow(string plugin) => Capabilities.ContainsKey(plugin);

    /// <summary>Writes the list; one that is right already is not touched, for the runtime reads it again when it is.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(KubernetesSettings settings, string runDirectory)
    {
        var content = Content(settings.CniChain, Path.Combine(runDirectory, WeftPaths.SocketName));
        var path = Path.Combine(settings.CniConfigDirectory, FileName);
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            DurableFile.Replace(path, stream => stream.Write(content));
        }
    }

    /// <summary>The list's text.</summary>
    internal static byte[] Content(IReadOnlyList<string> chain, string socket)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("cniVersion", chain.Count > 0 ? VersionOfChain : Version);
            json.WriteString("name", "weft");
            json.WriteStartArray("plugins");
            json.WriteStartObject();
            json.WriteString("type", "weft-cni");
            if (socket != WeftPaths.DefaultSocket)
            {
                json.WriteString("agentSocket", socket);
            }

            if (chain.Contains("bandwidth"))
            {
                // Tells Weft to leave that plugin its place on the device.
                WriteCapability(json, "bandwidth");
            }

            json.WriteEndObject();
            foreach (var plugin in chain)
            {
                json.WriteStartObject();
                json.WriteString("type", plugin);
                WriteCapability(json, Capabilities[plugin]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        text.Write("\n"u8);
        return text.ToArray();
    }

    private static void WriteCapability(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject("capabilities");
        json.WriteBoolean(name, true);
        json.WriteEndObject();
    }
}
