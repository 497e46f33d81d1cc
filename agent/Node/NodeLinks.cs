using Weft.Contracts;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Agent.Node;

/// <summary>
/// The node's own two devices. weft_host is where the host's stack and the pod network meet: routes to pods point to
/// it, and pods' packets for the host come in from it. It is a veth whose other end, weft_peer, is never used, for not
/// every kernel has dummy devices. weft_vxlan is the tunnel: one device for all nodes, told the far end by the programs.
/// </summary>
internal static class NodeLinks
{
    public const string Host = "weft_host";
    public const string HostPeer = "weft_peer";
    public const string Overlay = "weft_vxlan";

    /// <summary>MAC of weft_host and of every veth's host end: a frame a pod sends is for the host wherever it goes next.</summary>
    public static readonly MacAddress HostMac = MacAddress.Local(0x5766_7400_0001);

    /// <summary>MAC of weft_vxlan on every node; unlike <see cref="HostMac"/>, or the kernel would take a frame for looped.</summary>
    public static readonly MacAddress OverlayMac = MacAddress.Local(0x5766_7400_0002);

    private static readonly MacAddress HostPeerMac = MacAddress.Local(0x5766_7400_0003);

    /// <summary>True for the devices of this file and for pods' veths.</summary>
    public static bool IsOurs(string name) => name is Host or HostPeer or Overlay || HostInterface.IsOurs(name);

    /// <summary>Makes weft_host if it is missing and gives it its MTU, its addresses and nothing else.</summary>
    public static Link EnsureHost(RouteSocket host, int mtu, IReadOnlyList<Ip> addresses)
    {
        var link = host.FindLink(Host);
        if (link is null)
        {
            host.Execute(
                new RouteBatch().AddVeth(
                    new VethSpec
                    {
                        Name = Host,
                        Mac = HostMac,
                        Mtu = mtu,
                        PeerName = HostPeer,
                        PeerMac = HostPeerMac,
                        PeerMtu = mtu,
                        NoLinkLocal = true,
                    }
                )
            );
            link = Find(host, Host);
        }

        var batch = new RouteBatch();
        batch.SetLink(Find(host, HostPeer).Index, new LinkChange { Up = true, Mtu = mtu });
        // Nobody resolves addresses here: the programs know where each pod is.
        batch.SetLink(
            link.Index,
            new LinkChange
            {
                Up = true,
                Mtu = mtu,
                Arp = false,
            }
        );
        var present = host.Addresses(link.Index).Select(address => address.Address).ToHashSet();
        foreach (var address in addresses.Select(address => address.ToPrefix()))
        {
            if (!present.Remove(address))
            {
                batch.AddAddress(link.Index, address, noDad: true);
            }
        }

        foreach (var stale in present)
        {
            batch.DeleteAddress(link.Index, stale);
        }

        host.Execute(batch);
        return link;
    }

    /// <summary>Makes weft_vxlan, or makes it anew when it is one of another kind.</summary>
    public static Link EnsureOverlay(RouteSocket host, int mtu, ushort port)
    {
        var link = host.FindLink(Overlay);
        var fits = link?.Vxlan is { CollectMetadata: true } vxlan && vxlan.Port == port;
        if (link is not null && !fits)
        {
            host.Execute(new RouteBatch().DeleteLink(Overlay));
            link = null;
        }

        if (link is null)
        {
            host.Execute(
                new RouteBatch().AddVxlan(
                    new VxlanSpec
                    {
                        Name = Overlay,
                        Mac = OverlayMac,
                        Mtu = mtu,
                        Port = port,
                        CollectMetadata = true,
                    }
                )
            );
            link = Find(host, Overlay);
        }

        host.Execute(
            new RouteBatch().SetLink(
                link.Index,
                new LinkChange
                {
                    Up = true,
                    Mtu = mtu,
                    NoLinkLocal = true,
                }
            )
        );
        return link;
    }

    /// <summary>Removes weft_vxlan, after a change to native routing.</summary>
    public static void RemoveOverlay(RouteSocket host)
    {
        if (host.FindLink(Overlay) is not null)
        {
            host.Execute(new RouteBatch().DeleteLink(Overlay));
        }
    }

    private static Link Find(RouteSocket host, string name) =>
        host.FindLink(name) ?? throw new InvalidOperationException($"the device {name} vanished while it was set up");
}
