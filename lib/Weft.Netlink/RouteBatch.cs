using Weft.Net;
using Weft.Netlink.Protocol;

namespace Weft.Netlink;

/// <summary>
/// Changes to links, addresses, routes, neighbours and rules, in the order they are to be made.
/// <see cref="RouteSocket.Execute"/> hands them to the kernel in one go.
/// </summary>
public sealed class RouteBatch
{
    private readonly MessageWriter writer = new();
    private readonly List<Operation> operations = [];
    private List<NetworkNamespace>? namespaces;

    /// <summary>Messages so far; some operations take two.</summary>
    public int Count => operations.Count;

    internal IReadOnlyList<Operation> Operations => operations;

    internal MessageWriter Writer => writer;

    /// <summary>Where a message starts in the buffer, and what it does.</summary>
    internal readonly record struct Operation(int Start, string Text);

    /// <summary>Makes a veth pair.</summary>
    public RouteBatch AddVeth(VethSpec spec)
    {
        Hold(spec.PeerNamespace);
        Start($"add link {spec.Name} with peer {spec.PeerName}");
        NewLinkMessage.Veth(writer, spec);

        // The kernel takes neither alias nor address generation while it makes a link.
        if (spec.Alias is not null || spec.NoLinkLocal)
        {
            SetLink(spec.Name, new LinkChange { Alias = spec.Alias, NoLinkLocal = spec.NoLinkLocal ? true : null });
        }

        return spec is { NoLinkLocal: true, PeerNamespace: null }
            ? SetLink(spec.PeerName, new LinkChange { NoLinkLocal = true })
            : this;
    }

    /// <summary>Makes a vxlan.</summary>
    public RouteBatch AddVxlan(VxlanSpec spec)
    {
        Start($"add vxlan {spec.Name} on port {spec.Port}");
        NewLinkMessage.Vxlan(writer, spec);
        return this;
    }

    /// <summary>Makes a bridge.</summary>
    public RouteBatch AddBridge(string name)
    {
        Start($"add bridge {name}");
        NewLinkMessage.Bridge(writer, name);
        return this;
    }

    /// <summary>Changes a link.</summary>
    public RouteBatch SetLink(IfIndex index, LinkChange change)
    {
        Hold(change.Namespace);
        Start($"change link {index}");
        LinkMessage.Set(writer, index, name: null, change);
        return this;
    }

    /// <summary>Changes a link by name, such as one made earlier in the batch; it cannot be renamed this way.</summary>
    public RouteBatch SetLink(string name, LinkChange change)
    {
        if (change.Name is not null)
        {
            throw new ArgumentException(
                "a link is renamed by index: the message has room for one name",
                nameof(change)
            );
        }

        Hold(change.Namespace);
        Start($"change link {name}");
        LinkMessage.Set(writer, default, name, change);
        return this;
    }

    /// <summary>Removes a link, and its peer if it is a veth.</summary>
    public RouteBatch DeleteLink(IfIndex index)
    {
        Start($"delete link {index}");
        LinkMessage.Delete(writer, index, name: null);
        return this;
    }

    /// <inheritdoc cref="DeleteLink(IfIndex)"/>
    public RouteBatch DeleteLink(string name)
    {
        Start($"delete link {name}");
        LinkMessage.Delete(writer, default, name);
        return this;
    }

    /// <summary>Gives a link an address.</summary>
    /// <param name="link">The link.</param>
    /// <param name="address">The address, with the length of the network it is in.</param>
    /// <param name="noDad">IPv6: without looking for duplicates, which takes a second or two.</param>
    /// <param name="noPrefixRoute">Without the route to its network.</param>
    public RouteBatch AddAddress(IfIndex link, Prefix address, bool noDad = true, bool noPrefixRoute = false)
    {
        Start($"add address {address} to link {link}");
        AddressMessage.Add(writer, link, address, noDad, noPrefixRoute);
        return this;
    }

    /// <summary>Takes an address from a link.</summary>
    public RouteBatch DeleteAddress(IfIndex link, Prefix address)
    {
        Start($"delete address {address} of link {link}");
        AddressMessage.Delete(writer, link, address);
        return this;
    }

    /// <summary>Makes a route that does not exist.</summary>
    public RouteBatch AddRoute(Route route)
    {
        Start(Describe("add", route));
        RouteMessage.Add(writer, route, MessageFlags.Add);
        return this;
    }

    /// <summary>Makes a route, in place of one with the same destination, table and metric.</summary>
    public RouteBatch ReplaceRoute(Route route)
    {
        Start(Describe("replace", route));
        RouteMessage.Add(writer, route, MessageFlags.Replace);
        return this;
    }

    /// <summary>Removes the first route that matches all that is given.</summary>
    public RouteBatch DeleteRoute(Route route)
    {
        Start(Describe("delete", route));
        RouteMessage.Delete(writer, route);
        return this;
    }

    /// <summary>Makes a permanent neighbour that does not exist.</summary>
    public RouteBatch AddNeighbour(Neighbour neighbour)
    {
        Start(Describe("add", neighbour));
        NeighbourMessage.Add(writer, neighbour, MessageFlags.Add);
        return this;
    }

    /// <summary>Makes a permanent neighbour, in place of what the kernel may know of the address.</summary>
    public RouteBatch ReplaceNeighbour(Neighbour neighbour)
    {
        Start(Describe("replace", neighbour));
        NeighbourMessage.Add(writer, neighbour, MessageFlags.Replace);
        return this;
    }

    /// <summary>Removes a neighbour, whatever its Ethernet address.</summary>
    public RouteBatch DeleteNeighbour(Neighbour neighbour)
    {
        Start(Describe("delete", neighbour));
        NeighbourMessage.Delete(writer, neighbour);
        return this;
    }

    /// <summary>Makes a rule that does not exist.</summary>
    public RouteBatch AddRule(Rule rule)
    {
        Start(Describe("add", rule));
        RuleMessage.Add(writer, rule);
        return this;
    }

    /// <summary>Removes a rule that matches all that is given.</summary>
    public RouteBatch DeleteRule(Rule rule)
    {
        Start(Describe("delete", rule));
        RuleMessage.Delete(writer, rule);
        return this;
    }

    /// <summary>The messages hold descriptor numbers: a number closed since could be another file's by now.</summary>
    internal void RequireNamespaces()
    {
        foreach (var held in namespaces ?? [])
        {
            ObjectDisposedException.ThrowIf(held.Handle.IsClosed, held);
        }
    }

    private static string Describe(string verb, Route route)
    {
        var text = $"{verb} route {route.Destination} in table {route.Table}";
        text = route.Gateway is { } gateway ? $"{text} via {gateway}" : text;
        return route.Link is { } link ? $"{text} on link {link}" : text;
    }

    private static string Describe(string verb, Neighbour neighbour) =>
        $"{verb} neighbour {neighbour.Address} on link {neighbour.Link}";

    private static string Describe(string verb, Rule rule) =>
        $"{verb} {(rule.Family == System.Net.Sockets.AddressFamily.InterNetwork ? "IPv4" : "IPv6")} rule"
        + $" {rule.Priority} for table {rule.Table}";

    private void Start(string text) => operations.Add(new Operation(writer.Length, text));

    private void Hold(NetworkNamespace? target)
    {
        if (target is not null)
        {
            (namespaces ??= []).Add(target);
        }
    }
}
