using Weft.Contracts;
using Weft.Net;

namespace Weft.Cni;

/// <summary>
/// What the runtime wishes for the pod's interface. It may say so in three places (CNI conventions): CNI_ARGS, the
/// configuration's `args.cni`, and a capability in `runtimeConfig`. Addresses add up; of MACs the last named wins.
/// </summary>
internal sealed record Wishes(IReadOnlyList<string>? Ips, string? Mac)
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

        return new Wishes(ips.Count == 0 ? null : ips, mac);
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
