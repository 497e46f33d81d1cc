using Weft.Contracts;
using Weft.Net;

namespace Weft.Cni;

/// <summary>
/// What the runtime wishes for the pod. Of its interface it may say so in three places (CNI conventions): CNI_ARGS, the
/// configuration's `args.cni`, and a capability in `runtimeConfig`. Addresses add up; of MACs the last named wins. Ports
/// of the node that are to lead to the pod are a capability.
/// </summary>
internal sealed record Wishes(IReadOnlyList<string>? Ips, string? Mac, IReadOnlyList<PortMapping>? PortMappings)
{
    private const string NotUnicast = "is not a unicast MAC such as 02:00:00:00:00:01";

    public static Wishes Of(CniArgs args, NetConf config)
    {
        List<string> ips = [];
        foreach (
            var ip in (args.Ip ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        )
        {
            Add(
                ips,
                ip,
                () => new CniException(CniErrorCode.InvalidEnvironment, $"CNI_ARGS: IP={ip} is not an IP address")
            );
        }

        var mac = args.Mac is null
            ? null
            : Unicast(
                args.Mac,
                () => new CniException(CniErrorCode.InvalidEnvironment, $"CNI_ARGS: MAC={args.Mac} {NotUnicast}")
            );

        foreach (var place in Places(config))
        {
            foreach (var ip in place.Member("ips")?.Items() ?? [])
            {
                Add(ips, ip.Text(), () => ip.Invalid("is not an IP address"));
            }

            if (place.Member("mac") is { } node)
            {
                mac = Unicast(node.Text(), () => node.Invalid(NotUnicast));
            }
        }

        return new Wishes(ips.Count == 0 ? null : ips, mac, MappingsOf(config));
    }

    private static List<PortMapping>? MappingsOf(NetConf config)
    {
        if (config.Root.Member("runtimeConfig")?.Member("portMappings") is not { } list)
        {
            return null;
        }

        var mappings = new List<PortMapping>();
        foreach (var item in list.Items())
        {
            // A container's port that wants none of the node's: runtimes name it all the same.
            if (item.Member("hostPort") is { } host && host.Integer() != 0)
            {
                mappings.Add(
                    new PortMapping(
                        item.Member("hostIP") is { } ip ? AddressOf(ip) : null,
                        PortOf(host),
                        PortOf(item.Member("containerPort") ?? throw item.Invalid("lacks \"containerPort\"")),
                        item.Member("protocol") is { } protocol ? ProtocolOf(protocol) : "TCP"
                    )
                );
            }
        }

        return mappings.Count == 0 ? null : mappings;
    }

    private static ushort PortOf(ConfigNode node) =>
        node.Integer() is > 0 and <= ushort.MaxValue and var port
            ? (ushort)port
            : throw node.Invalid("is not a port, 1 to 65535");

    private static string? AddressOf(ConfigNode node) =>
        node.Text().Length == 0 ? null
        : Ip.TryParse(node.Text(), out var ip) ? ip.ToString()
        : throw node.Invalid("is not an IP address");

    private static string ProtocolOf(ConfigNode node)
    {
        var protocol = node.Text().ToUpperInvariant();
        return protocol is "TCP" or "UDP" or "SCTP" ? protocol : throw node.Invalid("is not tcp, udp or sctp");
    }

    private static IEnumerable<ConfigNode> Places(NetConf config)
    {
        if (config.Root.Member("args")?.Member("cni") is { } args)
        {
            yield return args;
        }

        if (config.Root.Member("runtimeConfig") is { } capabilities)
        {
            yield return capabilities;
        }
    }

    private static void Add(List<string> ips, string text, Func<CniException> invalid)
    {
        // The `ips` capability may carry a prefix length; pods of ours have /32 and /128 whatever it says.
        Ip ip;
        if (Prefix.TryParse(text, out var prefix))
        {
            ip = prefix.Address;
        }
        else if (!Ip.TryParse(text, out ip))
        {
            throw invalid();
        }

        var canonical = ip.ToString();
        if (!ips.Contains(canonical))
        {
            ips.Add(canonical);
        }
    }

    private static string Unicast(string text, Func<CniException> invalid)
    {
        const ulong GroupBit = 0x0100_0000_0000;
        return MacAddress.TryParse(text, out var mac) && mac.Value != 0 && (mac.Value & GroupBit) == 0
            ? mac.ToString()
            : throw invalid();
    }
}
