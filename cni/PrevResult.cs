using Weft.Contracts;
using Weft.Net;

namespace Weft.Cni;

/// <summary>One interface of a previous result; <see cref="Sandbox"/> is empty on the host.</summary>
internal sealed record PrevInterface(string Name, string Sandbox, string Mac, int Mtu);

/// <summary>One address of a previous result; <see cref="Interface"/> is an index, null when the result does not say.</summary>
internal sealed record PrevAddress(int? Interface, Prefix Address, Ip? Gateway);

/// <summary>One route of a previous result.</summary>
internal sealed record PrevRoute(Prefix Destination, Ip? Gateway);

/// <summary>
/// `prevResult`: on ADD what the plugins before us made, on CHECK the outcome of the whole chain. The shape is that of
/// 0.3.0 and later, in which the versions differ only by fields that are passed through.
/// </summary>
internal sealed record PrevResult(
    ConfigNode Root,
    IReadOnlyList<PrevInterface> Interfaces,
    IReadOnlyList<PrevAddress> Addresses,
    IReadOnlyList<PrevRoute> Routes
)
{
    public static PrevResult? Of(NetConf config)
    {
        if (config.Root.Member("prevResult") is not { } root)
        {
            return null;
        }

        if (root.Member("cniVersion") is { } version && !CniVersions.TryParse(version.Text(), out _))
        {
            throw version.Invalid($"is not one of {string.Join(", ", CniVersions.Supported)}");
        }

        var interfaces = Read(root, "interfaces", Interface);
        return new PrevResult(
            root,
            interfaces,
            Read(root, "ips", node => Address(node, interfaces.Count)),
            Read(root, "routes", node => new PrevRoute(PrefixIn(node, "dst"), IpIn(node, "gw")))
        );
    }

    /// <summary>Index of the interface the runtime names, or -1.</summary>
    public int IndexOf(string name, string sandbox)
    {
        for (var i = 0; i < Interfaces.Count; i++)
        {
            if (Interfaces[i].Name == name && Interfaces[i].Sandbox == sandbox)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>
    /// Our part of it, for CHECK. Later plugins may have added to it and changed it, so this is what is listed now:
    /// of the routes, which belong to no interface, the agent looks at those it makes itself.
    /// </summary>
    public Attachment Expected(AttachmentId id, string netns)
    {
        var index = IndexOf(id.IfName, netns);
        if (index < 0)
        {
            throw new CniException(
                CniErrorCode.InvalidConfig,
                $"\"prevResult\" lists no interface {id.IfName} in {netns}, which ADD has reported"
            );
        }

        var hostName = HostInterface.NameOf(id);
        var host = IndexOf(hostName, "");
        var pod = Interfaces[index];
        List<PodAddress> addresses = [];
        foreach (var ip in Addresses)
        {
            if (ip.Interface == index)
            {
                addresses.Add(new PodAddress(ip.Address.ToString(), ip.Gateway?.ToString() ?? ""));
            }
        }

        List<PodRoute> routes = [];
        foreach (var route in Routes)
        {
            routes.Add(new PodRoute(route.Destination.ToString(), route.Gateway?.ToString()));
        }

        return new Attachment(
            hostName,
            host < 0 ? "" : Interfaces[host].Mac,
            id.IfName,
            pod.Mac,
            pod.Mtu,
            addresses,
            routes
        );
    }

    private static List<T> Read<T>(ConfigNode root, string key, Func<ConfigNode, T> read)
    {
        List<T> all = [];
        foreach (var item in root.Member(key)?.Items() ?? [])
        {
            all.Add(read(item));
        }

        return all;
    }

    private static PrevInterface Interface(ConfigNode node) =>
        new(
            node.Member("name")?.Text() ?? throw node.Invalid("has no \"name\""),
            node.Member("sandbox")?.Text() ?? "",
            node.Member("mac")?.Text() ?? "",
            node.Member("mtu")?.Integer() ?? 0
        );

    private static PrevAddress Address(ConfigNode node, int interfaces)
    {
        var index = node.Member("interface");
        return index is { } which && (which.Integer() < 0 || which.Integer() >= interfaces)
            ? throw which.Invalid($"is no index into \"prevResult.interfaces\", which has {interfaces}")
            : new PrevAddress(index?.Integer(), PrefixIn(node, "address"), IpIn(node, "gateway"));
    }

    private static Prefix PrefixIn(ConfigNode owner, string key)
    {
        var node = owner.Member(key) ?? throw owner.Invalid($"has no \"{key}\"");
        return Prefix.TryParse(node.Text(), out var prefix)
            ? prefix
            : throw node.Invalid("is not a prefix such as 10.0.0.1/24");
    }

    private static Ip? IpIn(ConfigNode owner, string key)
    {
        // Older libraries write an absent address as "".
        if (owner.Member(key) is not { } node || node.Text().Length == 0)
        {
            return null;
        }

        return Ip.TryParse(node.Text(), out var ip) ? ip : throw node.Invalid("is not an IP address");
    }
}
