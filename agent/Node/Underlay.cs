using Weft.Agent.Configuration;
using Weft.Configuration;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Agent.Node;

/// <summary>A device to the outside.</summary>
/// <param name="Link">The device.</param>
/// <param name="V4">Its first IPv4 address.</param>
/// <param name="V6">Its first IPv6 address.</param>
/// <param name="OnLink">Prefixes of its neighbours.</param>
internal sealed record UnderlayDevice(Link Link, Ip? V4, Ip? V6, IReadOnlyList<Prefix> OnLink);

/// <summary>The network the node is in: its devices to the outside, and all addresses that are the node's own.</summary>
internal sealed record Underlay(IReadOnlyList<UnderlayDevice> Devices, IReadOnlyList<Ip> Addresses)
{
    // Outer Ethernet, IP, UDP and VXLAN headers (RFC 7348 section 5).
    private const int VxlanHeadersV4 = 14 + 20 + 8 + 8;
    private const int VxlanHeadersV6 = 14 + 40 + 8 + 8;
    private const byte ScopeGlobal = 0;

    /// <summary>Reads the kernel's view.</summary>
    /// <exception cref="ConfigException">A configured device is missing, or none can be found.</exception>
    public static Underlay Read(RouteSocket host, IReadOnlyList<string>? names)
    {
        var links = host.Links();
        var addresses = host.Addresses().Where(address => address.Scope == ScopeGlobal).ToList();
        var chosen = names is null ? ByDefaultRoute(host, links, addresses) : ByName(links, names);
        var devices = chosen.Select(link =>
        {
            var own = addresses
                .Where(address => address.Link == link.Index)
                .Select(address => address.Address)
                .ToList();
            return new UnderlayDevice(link, First(own, v4: true), First(own, v4: false), own);
        });
        return new Underlay([.. devices], [.. addresses.Select(address => address.Address.Address).Distinct()]);
    }

    /// <summary>The MTU pods can use on any way out of the node.</summary>
    public int PodMtu(NodeSettings settings)
    {
        if (settings.Mtu is { } configured)
        {
            return configured;
        }

        var smallest = Devices.Min(device => device.Link.Mtu);
        if (settings.RoutingMode == RoutingMode.Native)
        {
            return smallest;
        }

        return smallest - (Devices.Any(device => device.V4 is not null) ? VxlanHeadersV4 : VxlanHeadersV6);
    }

    /// <summary>The device the address is a neighbour on, or null when it is behind a router.</summary>
    public UnderlayDevice? Neighbouring(Ip address) =>
        Devices.FirstOrDefault(device => device.OnLink.Any(prefix => prefix.Contains(address)));

    private static Ip? First(IEnumerable<Prefix> addresses, bool v4) =>
        addresses.Where(address => address.IsV4 == v4).Select(address => (Ip?)address.Address).FirstOrDefault();

    private static List<Link> ByName(IReadOnlyList<Link> links, IReadOnlyList<string> names) =>
        [
            .. names.Select(name =>
                links.FirstOrDefault(link => link.Name == name)
                ?? throw new ConfigException($"\"devices\": this node has no device \"{name}\"")
            ),
        ];

    private static List<Link> ByDefaultRoute(
        RouteSocket host,
        IReadOnlyList<Link> links,
        IReadOnlyList<InterfaceAddress> addresses
    )
    {
        var indexes = host.Routes()
            .Where(route => route.Destination.Length == 0 && route.Link is not null)
            .Select(route => route.Link!.Value)
            .ToHashSet();
        if (indexes.Count == 0)
        {
            // A node without a default route reaches the others through whatever has an address.
            indexes = [.. addresses.Select(address => address.Link)];
        }

        var found = links
            .Where(link => indexes.Contains(link.Index) && !NodeLinks.IsOurs(link.Name) && link.Name != "lo")
            .ToList();
        return found.Count > 0
            ? found
            : throw new ConfigException(
                "no device to the outside was found (no default route, no address); name it in \"devices\""
            );
    }
}
