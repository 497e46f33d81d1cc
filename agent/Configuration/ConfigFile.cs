using System.Globalization;
using Weft.Configuration;
using Weft.Contracts;
using Weft.Net;

namespace Weft.Agent.Configuration;

/// <summary>Reading the configuration file. Whatever is unknown, contradictory or out of range is refused by name.</summary>
internal static class ConfigFile
{
    private const ushort DefaultTunnelPort = 8472;

    // Below Kubernetes' node ports (30000) and Linux' ports for outgoing connections (32768), above the well-known.
    private const string DefaultMasqueradePorts = "1024-29999";
    private const int DefaultCoolDownSeconds = 60;
    internal const string DefaultBpfDirectory = "/sys/fs/bpf/weft";

    // Beside the operator's; 9962 to 9966 are those of a network that may still be there while a cluster moves to Weft.
    private const string DefaultListen = "[::]:9968";
    private const int SmallestIpv6Mtu = 1280;
    private const int LargestMtu = 65535;
    private const int LongestCoolDownSeconds = 86400;

    // A network, a gateway and a broadcast address leave one for a pod.
    private const int LongestV4Prefix = 30;
    private const int LongestV6Prefix = 126;

    /// <summary>Reads and checks the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="nodeName">This node's name, where the file is for several nodes and does not have it.</param>
    /// <exception cref="ConfigException">It cannot be read or used.</exception>
    public static NodeSettings Read(string path, string? nodeName = null) =>
        ConfigDocument.Read(path, text => Parse(text, nodeName));

    /// <summary>Checks the text of a configuration.</summary>
    internal static NodeSettings Parse(ReadOnlySpan<byte> text, string? nodeName = null) =>
        Check(ConfigDocument.Parse(text, ConfigJson.Default.AgentConfig), nodeName);

    private static NodeSettings Check(AgentConfig config, string? nodeName)
    {
        var routing = Routing(config.RoutingMode);
        if (config.TunnelPort is not null && routing == RoutingMode.Native)
        {
            throw new ConfigException(
                "\"tunnelPort\" contradicts \"routingMode\": native routing has no tunnel; remove one of them"
            );
        }

        if (config.MasqueradePorts is not null && config.Masquerade == false)
        {
            throw new ConfigException("\"masqueradePorts\" contradicts \"masquerade\": false; remove one of them");
        }

        return new NodeSettings(
            NodeName(config.NodeName, nodeName),
            KubernetesKeys.Check(config),
            config.Kubernetes is null ? PodCidrs(config.PodCidrs) : [],
            routing,
            (ushort)InRange("tunnelPort", config.TunnelPort ?? DefaultTunnelPort, 1, ushort.MaxValue),
            Devices(config.Devices),
            config.Mtu is { } mtu ? InRange("mtu", mtu, SmallestIpv6Mtu, LargestMtu) : null,
            config.Masquerade ?? true,
            Ports(config.MasqueradePorts ?? DefaultMasqueradePorts),
            TimeSpan.FromSeconds(
                InRange(
                    "addressCoolDownSeconds",
                    config.AddressCoolDownSeconds ?? DefaultCoolDownSeconds,
                    0,
                    LongestCoolDownSeconds
                )
            ),
            ServiceKeys.Check(config),
            config.PeersDirectory is { } peers ? Absolute("peersDirectory", peers) : null,
            Absolute("runDirectory", config.RunDirectory ?? WeftPaths.RunDirectory),
            Absolute("bpfDirectory", config.BpfDirectory ?? DefaultBpfDirectory),
            ListenAddress.Parse("listen", config.Listen ?? DefaultListen)
        );
    }

    private static string NodeName(string? inFile, string? onCommandLine) =>
        (inFile, onCommandLine) switch
        {
            ("", _) => throw new ConfigException("\"nodeName\" is empty; give this node's name"),
            (_, "") => throw new ConfigException("--node-name is empty; give this node's name"),
            (null, null) => throw new ConfigException(
                "key \"nodeName\" is missing; give it, or start the agent with --node-name"
            ),
            ({ } name, null) => name,
            (null, { } name) => name,
            _ => throw new ConfigException("\"nodeName\" contradicts --node-name; remove one of them"),
        };

    private static RoutingMode Routing(string? text) =>
        text switch
        {
            null or "vxlan" => RoutingMode.Vxlan,
            "native" => RoutingMode.Native,
            _ => throw new ConfigException($"\"routingMode\": \"{text}\" is neither vxlan nor native"),
        };

    private static List<Prefix> PodCidrs(IReadOnlyList<string>? texts)
    {
        if (texts is null)
        {
            throw new ConfigException("key \"podCidrs\" is missing; give it, or \"kubernetes\"");
        }

        var prefixes = Disjoint("podCidrs", texts, "10.244.1.0/24");
        if (prefixes.FirstOrDefault(prefix => !HasRoom(prefix)) is { Length: > 0 } small)
        {
            throw new ConfigException(
                $"\"podCidrs\": {small} has no room for a pod; use /{Longest(small.IsV4)} or shorter"
            );
        }

        return prefixes.Count > 0
            ? prefixes
            : throw new ConfigException("\"podCidrs\" is empty; give at least one prefix such as 10.244.1.0/24");
    }

    /// <summary>Prefixes that do not overlap, host bits cleared.</summary>
    /// <exception cref="ConfigException">One is none, or overlaps another.</exception>
    internal static List<Prefix> Disjoint(string key, IReadOnlyList<string> texts, string example)
    {
        var prefixes = new List<Prefix>();
        foreach (var text in texts)
        {
            if (!Prefix.TryParse(text, out var prefix))
            {
                throw new ConfigException($"\"{key}\": \"{text}\" is not a prefix such as {example}");
            }

            foreach (var other in prefixes)
            {
                if (prefix.Overlaps(other))
                {
                    throw new ConfigException($"\"{key}\": {text} and {other} overlap; remove one of them");
                }
            }

            prefixes.Add(prefix.Network);
        }

        return prefixes;
    }

    /// <summary>Whether a pod gets an address from the prefix.</summary>
    internal static bool HasRoom(Prefix prefix) => prefix.Length <= Longest(prefix.IsV4);

    private static int Longest(bool v4) => v4 ? LongestV4Prefix : LongestV6Prefix;

    private static IReadOnlyList<string>? Devices(IReadOnlyList<string>? devices) =>
        devices switch
        {
            null => null,
            { Count: 0 } => throw new ConfigException("\"devices\" is empty; name a device, or leave the key out"),
            _ when devices.Any(string.IsNullOrEmpty) => throw new ConfigException("\"devices\" has an empty name"),
            _ when devices.Distinct().Count() < devices.Count => throw new ConfigException(
                "\"devices\" names one device twice; remove one of them"
            ),
            _ => devices,
        };

    private static PortRange Ports(string text)
    {
        var parts = text.Split('-');
        if (
            parts.Length != 2
            || !ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !ushort.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            || first == 0
            || last < first
        )
        {
            throw new ConfigException(
                $"\"masqueradePorts\": \"{text}\" is not a range of ports such as {DefaultMasqueradePorts}"
            );
        }

        return new PortRange(first, last);
    }

    private static int InRange(string key, int value, int least, int most) =>
        value >= least && value <= most
            ? value
            : throw new ConfigException($"\"{key}\": {value} is not between {least} and {most}");

    /// <summary>Refuses a path that depends on where the agent was started.</summary>
    internal static string Absolute(string key, string path) =>
        Path.IsPathRooted(path) ? path : throw new ConfigException($"\"{key}\": \"{path}\" is not an absolute path");
}
