using System.Diagnostics;
using Weft.Agent.Node;
using Weft.Bpf;
using Weft.Contracts;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Agent.Endpoints;

/// <summary>A pod's veth and all that is inside its namespace: made, checked, removed. No state of its own.</summary>
internal sealed class PodLink(BpfProgram fromPod)
{
    private const int NoSuchDevice = 19; // ENODEV
    private const int AlreadyExists = 17; // EEXIST

    // Most often the kernel is done in a fraction of the millisecond that is the least a thread can sleep.
    private const int TriesAtOnce = 20;
    private static readonly TimeSpan KernelPatience = TimeSpan.FromSeconds(2);
    private static readonly Prefix DefaultV4 = new(Ip.AnyV4, 0);
    private static readonly Prefix DefaultV6 = new(Ip.AnyV6, 0);

    /// <summary>What the pod will have; the kernel has none of it yet.</summary>
    public static Attachment Plan(
        AttachmentId id,
        IReadOnlyList<(Ip Address, Ip Gateway)> addresses,
        MacAddress mac,
        int mtu
    ) =>
        new(
            HostInterface.NameOf(id),
            NodeLinks.HostMac.ToString(),
            id.IfName,
            mac.ToString(),
            mtu,
            [.. addresses.Select(pair => new PodAddress(pair.Address.ToPrefix().ToString(), pair.Gateway.ToString()))],
            [.. addresses.SelectMany(pair => Routes(pair.Gateway))]
        );

    /// <summary>
    /// Makes both ends and configures the pod's; the host's end stays down: not a packet passes before
    /// <see cref="Activate"/>.
    /// </summary>
    /// <returns>Index of the host's end.</returns>
    /// <param name="mechanism">How to attach the program: see <see cref="MechanismFor"/>.</param>
    public int Create(
        RouteSocket host,
        RouteSocket inside,
        NetworkNamespace pod,
        Attachment plan,
        TcMechanism mechanism
    )
    {
        if (inside.FindLink(plan.IfName) is not null)
        {
            throw new RequestException(
                CniErrorCode.AlreadyExists,
                $"the namespace has an interface \"{plan.IfName}\" already; remove it or choose another CNI_IFNAME"
            );
        }

        try
        {
            host.Execute(
                new RouteBatch().AddVeth(
                    new VethSpec
                    {
                        Name = plan.HostInterface,
                        Mac = NodeLinks.HostMac,
                        Mtu = plan.Mtu,
                        PeerName = plan.IfName,
                        PeerMac = MacAddress.Parse(plan.Mac),
                        PeerMtu = plan.Mtu,
                        PeerNamespace = pod,
                        NoLinkLocal = true,
                    }
                )
            );
        }
        catch (NetlinkException e) when (e.Errno == AlreadyExists)
        {
            throw new RequestException(
                CniErrorCode.AlreadyExists,
                $"the host has an interface \"{plan.HostInterface}\" already, left from this very attachment; DEL it first",
                e.Message
            );
        }

        try
        {
            var link = host.FindLink(plan.HostInterface) ?? throw Vanished(plan.HostInterface);
            TcHook.Attach(mechanism, link.Index.Value, TcDirection.Ingress, fromPod);
            ConfigureInside(inside, plan);
            return link.Index.Value;
        }
        catch
        {
            Remove(host, plan.HostInterface);
            throw;
        }
    }

    /// <summary>Lets packets pass, from now and not from a while later. The pod's policy must be in the maps by now.</summary>
    public static void Activate(RouteSocket host, RouteSocket inside, Attachment plan)
    {
        host.Execute(new RouteBatch().SetLink(plan.HostInterface, new LinkChange { Up = true }));
        Await(() => host.FindLink(plan.HostInterface) is not { IsOperational: false });
        Await(() => inside.FindLink(plan.IfName) is not { IsOperational: false });
        Await(() => Receives(inside, plan));
    }

    // The kernel finishes two things in its own time: it notices a link's carrier, and drops what is sent before (from
    // 6.8 on, asking about the link makes it look at once); and it routes an IPv6 address to the pod's stack, even one
    // without duplicate detection. If it takes too long the pod is none the worse: it works a moment after ADD.
    private static void Await(Func<bool> done)
    {
        var watch = Stopwatch.StartNew();
        for (var tries = 0; !done() && watch.Elapsed < KernelPatience; tries++)
        {
            if (tries >= TriesAtOnce)
            {
                Thread.Sleep(1);
            }
        }
    }

    private static bool Receives(RouteSocket inside, Attachment plan)
    {
        var local = inside.Routes(Route.LocalTable).Select(route => route.Destination).ToHashSet();
        return plan.Addresses.All(address => local.Contains(Prefix.Parse(address.Address)));
    }

    /// <summary>
    /// How a pod's program is attached. Attaching by tcx, and removing a device that has a tcx program, each wait for an
    /// RCU grace period with everybody's netlink locked: 10 ms and more, twice what all else of an ADD or a DEL takes. A
    /// clsact filter waits for nothing and is exchanged atomically too. tcx is for devices whose clsact place is wanted.
    /// </summary>
    public static TcMechanism MechanismFor(bool sharesClsact) => sharesClsact ? TcHook.Probe() : TcMechanism.Clsact;

    /// <summary>Exchanges the program for this agent's, the way it was attached; true when that changed something.</summary>
    public bool Reattach(int hostIfIndex) =>
        TcHook.Attach(AttachedBy(hostIfIndex) ?? TcMechanism.Clsact, hostIfIndex, TcDirection.Ingress, fromPod);

    private static TcMechanism? AttachedBy(int hostIfIndex)
    {
        if (TcHook.Attached(TcMechanism.Clsact, hostIfIndex, TcDirection.Ingress) is not null)
        {
            return TcMechanism.Clsact;
        }

        // A kernel without tcx would refuse the question.
        return
            TcHook.Probe() == TcMechanism.Tcx
            && TcHook.Attached(TcMechanism.Tcx, hostIfIndex, TcDirection.Ingress) is not null
            ? TcMechanism.Tcx
            : null;
    }

    /// <summary>Removes the link, both ends; one that is gone is fine.</summary>
    public static void Remove(RouteSocket host, string hostInterface)
    {
        try
        {
            host.Execute(new RouteBatch().DeleteLink(hostInterface));
        }
        catch (NetlinkException e) when (e.Errno == NoSuchDevice) { }
    }

    /// <summary>Says what is missing or wrong of an endpoint, or null. Additions of others are fine.</summary>
    public static string? Verify(RouteSocket host, NetworkNamespace pod, Attachment expected)
    {
        var outside = host.FindLink(expected.HostInterface);
        if (outside is null || !outside.IsUp)
        {
            return $"the host's interface {expected.HostInterface} is {(outside is null ? "gone" : "down")}";
        }

        if (AttachedBy(outside.Index.Value) is null)
        {
            return $"the host's interface {expected.HostInterface} has lost Weft's program";
        }

        using var inside = RouteSocket.Open(pod);
        var link = inside.FindLink(expected.IfName);
        if (link is null || !link.IsUp)
        {
            return $"the pod's interface {expected.IfName} is {(link is null ? "gone" : "down")}";
        }

        if (link.Mac.ToString() != expected.Mac)
        {
            return $"the pod's interface {expected.IfName} has the MAC {link.Mac}, not {expected.Mac}";
        }

        var addresses = inside.Addresses(link.Index).Select(address => address.Address.ToString()).ToHashSet();
        if (expected.Addresses.FirstOrDefault(address => !addresses.Contains(address.Address)) is { } lost)
        {
            return $"the pod's interface {expected.IfName} has lost the address {lost.Address}";
        }

        var routes = inside.Routes().Where(route => route.Link == link.Index).ToList();
        foreach (var route in expected.Routes)
        {
            var destination = Prefix.Parse(route.Destination);
            if (!routes.Exists(r => r.Destination == destination && r.Gateway?.ToString() == route.Gateway))
            {
                return $"the pod has lost its route to {route.Destination}"
                    + (route.Gateway is null ? "" : $" via {route.Gateway}");
            }
        }

        return null;
    }

    private static PodRoute[] Routes(Ip gateway) =>
        [
            new PodRoute(gateway.ToPrefix().ToString(), null),
            new PodRoute((gateway.IsV4 ? DefaultV4 : DefaultV6).ToString(), gateway.ToString()),
        ];

    private static void ConfigureInside(RouteSocket inside, Attachment plan)
    {
        var index = (inside.FindLink(plan.IfName) ?? throw Vanished(plan.IfName)).Index;
        var batch = new RouteBatch().SetLink(index, new LinkChange { Up = true, NoLinkLocal = true });
        foreach (var address in plan.Addresses)
        {
            batch.AddAddress(index, Prefix.Parse(address.Address), noDad: true);
            // Known from the start, so that no first packet waits for an answer.
            batch.AddNeighbour(
                new Neighbour
                {
                    Link = index,
                    Address = Ip.Parse(address.Gateway),
                    Mac = NodeLinks.HostMac,
                }
            );
        }

        foreach (var route in plan.Routes)
        {
            batch.AddRoute(
                new Route
                {
                    Destination = Prefix.Parse(route.Destination),
                    Gateway = route.Gateway is null ? null : Ip.Parse(route.Gateway),
                    Link = index,
                    Scope = route.Gateway is null ? RouteScope.Link : RouteScope.Universe,
                }
            );
        }

        inside.Execute(batch);
    }

    private static RequestException Vanished(string name) =>
        new(CniErrorCode.InvalidNetns, $"the interface {name} vanished while it was made; is its namespace gone?");
}
