using System.Text;
using System.Text.Json;
using Weft.Contracts;

namespace Weft.Cni;

/// <summary>The plugin's network configuration, as the runtime hands it over on standard input.</summary>
internal sealed record NetConf(ConfigNode Root, CniVersion Version, string Name, string AgentSocket)
{
    // sockaddr_un has 108 bytes, one of which ends the text.
    private const int LongestSocketPath = 107;

    /// <summary>The runtime duties' prefix: `cni.dev/valid-attachments` and what may follow it.</summary>
    private const string ReservedPrefix = "cni.dev/";

    /// <summary>Reads what every verb needs, and no more: DEL and GC must work with the rest of it broken.</summary>
    public static NetConf Read(ConfigNode root, CniVersion version)
    {
        var name =
            root.Member("name")?.Text()
            ?? throw new CniException(CniErrorCode.InvalidConfig, "\"name\" is missing: it names the network");
        if (Names.ComplaintAboutId("\"name\"", name) is { } complaint)
        {
            throw new CniException(CniErrorCode.InvalidConfig, complaint);
        }

        var socket = WeftPaths.DefaultSocket;
        if (root.Member("agentSocket") is { } node)
        {
            socket = node.Text();
            if (!socket.StartsWith('/') || Encoding.UTF8.GetByteCount(socket) > LongestSocketPath)
            {
                throw node.Invalid($"must be an absolute path of at most {LongestSocketPath} bytes");
            }
        }

        return new NetConf(root, version, name, socket);
    }

    /// <summary>
    /// The list has the bandwidth plugin after Weft and says so by declaring its capability for Weft too: that plugin
    /// puts a qdisc where Weft's filter would be.
    /// </summary>
    public bool SharesClsact =>
        Root.Member("capabilities")?.Member("bandwidth")?.Element.ValueKind == JsonValueKind.True;

    /// <summary>Refuses every key the plugin does not act on: a typo must not pass for a setting.</summary>
    public void RefuseUnsupported()
    {
        foreach (var (key, value) in Root.Members())
        {
            switch (key)
            {
                case "cniVersion" or "name" or "agentSocket" or "prevResult" or "args" or "runtimeConfig":
                // The runtime's own: it reads them before it calls a plugin, and may leave them in.
                case "type" or "capabilities" or "disableCheck" or "disableGC" or "loadOnlyInlinedPlugins":
                    break;
                case "dns":
                    DnsSettings.RefuseMalformed(value);
                    break;
                case "ipam":
                    RefuseIpam(value);
                    break;
                case "ipMasq":
                    RefuseMasquerade(value);
                    break;
                case var _ when key.StartsWith(ReservedPrefix, StringComparison.Ordinal):
                    break;
                default:
                    throw value.Unsupported("remove it, or correct its spelling");
            }
        }
    }

    private static void RefuseIpam(ConfigNode ipam)
    {
        if (ipam.Element.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        foreach (var _ in ipam.Members())
        {
            throw ipam.Unsupported("Weft's agent gives the addresses; remove it");
        }
    }

    private static void RefuseMasquerade(ConfigNode masquerade)
    {
        if (masquerade.Element.ValueKind is not (JsonValueKind.False or JsonValueKind.Null))
        {
            throw masquerade.Unsupported("masquerading is a setting of Weft's agent; remove it");
        }
    }
}
