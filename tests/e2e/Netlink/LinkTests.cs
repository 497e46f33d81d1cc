using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Netlink;

public sealed class LinkTests
{
    [Fact]
    public void A_veth_has_its_peer_in_another_namespace()
    {
        using var host = new Scratch();
        using var pod = new Scratch();
        var mac = MacAddress.Local(1);
        var peerMac = MacAddress.Local(2);
        host.Socket.Execute(
            new RouteBatch().AddVeth(
                new VethSpec
                {
                    Name = "weft1",
                    Mac = mac,
                    Mtu = 1450,
                    PeerName = "eth0",
                    PeerMac = peerMac,
                    PeerMtu = 1400,
                    PeerNamespace = pod.Namespace,
                    NoLinkLocal = true,
                    Alias = "pod default/one",
                    Queues = 2,
                }
            )
        );

        var link = host.Find("weft1");
        var peer = pod.Find("eth0");
        Assert.Equal(
            new Link
            {
                Index = link.Index,
                Name = "weft1",
                Mac = mac,
                Mtu = 1450,
                Flags = LinkFlags.Broadcast | LinkFlags.Multicast,
                Kind = "veth",
                Peer = peer.Index,
                Alias = "pod default/one",
            },
            link
        );
        Assert.Equal((peerMac, 1400, link.Index), (peer.Mac, peer.Mtu, peer.Peer));
        var shown = host.Ip("link", "show", "weft1")[0]!;
        Assert.Equal("none", (string)shown["inet6_addr_gen_mode"]!);
        Assert.Equal(2, (int)shown["num_tx_queues"]!);
        Assert.Null(host.Socket.FindLink("eth0"));
    }

    [Fact]
    public void No_link_local_address_is_made_on_either_end()
    {
        using var host = new Scratch();
        host.AddPair();
        Assert.DoesNotContain(host.Socket.Addresses(), a => a.Address.Address.IsLinkLocal);
    }

    [Fact]
    public void A_vxlan_that_takes_endpoints_from_packets_reads_back()
    {
        using var host = new Scratch();
        host.Socket.Execute(
            new RouteBatch().AddVxlan(
                new VxlanSpec
                {
                    Name = "weftx",
                    Mac = MacAddress.Local(3),
                    Mtu = 1400,
                    Port = 8472,
                    CollectMetadata = true,
                    UdpZeroChecksum6 = true,
                }
            )
        );

        var link = host.Find("weftx");
        Assert.Equal(("vxlan", 1400, MacAddress.Local(3)), (link.Kind, link.Mtu, link.Mac));
        Assert.Equal(new VxlanInfo(8472, true, 0), link.Vxlan);
        var data = host.Ip("link", "show", "weftx")[0]!["linkinfo"]!["info_data"]!;
        Assert.True((bool)data["external"]!);
        Assert.False((bool)data["learning"]!);
        Assert.True((bool)data["udp_zero_csum6_tx"]!);
        Assert.True((bool)data["udp_zero_csum6_rx"]!);
    }

    [Theory]
    [InlineData("10.9.0.1", "10.9.0.2", "local", "remote")]
    [InlineData("fd09::1", "fd09::2", "local6", "remote6")]
    public void A_plain_vxlan_has_its_endpoints(string local, string remote, string localKey, string remoteKey)
    {
        using var host = new Scratch();
        host.Socket.Execute(
            new RouteBatch().AddVxlan(
                new VxlanSpec
                {
                    Name = "weftx",
                    Port = 4789,
                    Vni = 77,
                    Local = Ip.Parse(local),
                    Remote = Ip.Parse(remote),
                }
            )
        );

        Assert.Equal(new VxlanInfo(4789, false, 77), host.Find("weftx").Vxlan);
        var data = host.Ip("link", "show", "weftx")[0]!["linkinfo"]!["info_data"]!;
        Assert.Equal(local, (string)data[localKey]!);
        Assert.Equal(remote, (string)data[remoteKey]!);
    }

    [Fact]
    public void A_link_joins_and_leaves_a_bridge()
    {
        using var host = new Scratch();
        var index = host.AddPair();
        host.Socket.Execute(new RouteBatch().AddBridge("weftb"));
        var bridge = host.Index("weftb");
        host.Socket.Execute(new RouteBatch().SetLink(index, new LinkChange { Master = bridge }));
        Assert.Equal(bridge, host.Find("weft1").Master);
        host.Socket.Execute(new RouteBatch().SetLink(index, new LinkChange { Master = new IfIndex(0) }));
        Assert.Null(host.Find("weft1").Master);
    }

    [Fact]
    public void A_link_is_changed_in_one_message()
    {
        using var host = new Scratch();
        using var pod = new Scratch();
        var index = host.AddPair();
        var mac = MacAddress.Local(9);
        host.Socket.Execute(
            new RouteBatch().SetLink(
                index,
                new LinkChange
                {
                    Namespace = pod.Namespace,
                    Name = "eth7",
                    Mac = mac,
                    Mtu = 1300,
                    Arp = false,
                    Alias = "moved",
                    NoLinkLocal = true,
                    Up = true,
                }
            )
        );

        Assert.Null(host.Socket.FindLink("weft1"));
        var link = pod.Find("eth7");
        Assert.Equal((mac, 1300, "moved"), (link.Mac, link.Mtu, link.Alias));
        Assert.True(link.IsUp);
        Assert.True(link.Flags.HasFlag(LinkFlags.NoArp));
        pod.Socket.Execute(new RouteBatch().SetLink(link.Index, new LinkChange { Up = false, Arp = true }));
        Assert.False(pod.Find("eth7").Flags.HasFlag(LinkFlags.NoArp));
        Assert.False(pod.Find("eth7").IsUp);
    }

    [Fact]
    public void A_link_is_deleted_by_name_or_index()
    {
        using var host = new Scratch();
        host.Socket.Execute(new RouteBatch().AddBridge("weft1").AddBridge("weft2").DeleteLink("weft1"));
        host.Socket.Execute(new RouteBatch().DeleteLink(host.Index("weft2")));
        Assert.Equal(["lo"], host.Socket.Links().Select(l => l.Name));
    }

    [Fact]
    public void A_link_that_is_not_there_is_null()
    {
        using var host = new Scratch();
        Assert.Null(host.Socket.FindLink("weft1"));
        Assert.Null(host.Socket.FindLink(new IfIndex(4711)));
        Assert.Equal("lo", host.Socket.FindLink(new IfIndex(1))?.Name);
    }
}
