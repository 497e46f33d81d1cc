using Weft.Agent.Configuration;
using Weft.Agent.Node;
using Weft.Agent.Peers;
using Weft.Datapath;
using Weft.Net;
using Weft.Netlink;
using Weft.Policy.Identities;
using static Weft.Tests.Unit.Agent.NodeUnderTest;

namespace Weft.Tests.Unit.Agent;

public sealed class NodePlanTests
{
    private static readonly NodeSettings Vxlan = Settings("10.244.1.0/24", "fd00:244:1::/64");
    private static readonly NodeSettings Native = Vxlan with { RoutingMode = RoutingMode.Native };
    private static readonly Underlay Eth2 = UnderlayOf(Device(2, 1500, "192.0.2.1/24", "fd00:c0::1/64"));

    private static readonly Peer N2 = PeerOf("n2", ["192.0.2.2", "fd00:c0::2"], ["10.244.2.0/24", "fd00:244:2::/64"]);

    [Fact]
    public void A_node_alone_knows_its_pods_and_its_own_addresses()
    {
        var plan = Plan(Vxlan, Eth2);
        Assert.Equal(
            ["10.244.1.0/24 dev 3 src 10.244.1.1", "fd00:244:1::/64 dev 3 src fd00:244:1::1"],
            plan.Routes.Select(Text)
        );
        Assert.Equal(
            ["192.0.2.1/32", "fd00:c0::1/128", "10.244.1.1/32", "fd00:244:1::1/128"],
            plan.Peers.Where(entry => entry.Value.Kind == PeerKind.Self).Select(entry => Text(entry.Key))
        );
        Assert.Equal(4, plan.Peers.Count);
        Assert.Empty(plan.Refused);
    }

    [Fact]
    public void With_the_tunnel_all_pods_are_behind_weft_host_and_routes_carry_the_tunnels_MTU()
    {
        var plan = Plan(Vxlan, Eth2, N2);
        Assert.Equal(
            ["10.244.2.0/24 dev 3 src 10.244.1.1 mtu 1450", "fd00:244:2::/64 dev 3 src fd00:244:1::1 mtu 1450"],
            plan.Routes.Skip(2).Select(Text)
        );
    }

    [Fact]
    public void With_native_routing_the_node_is_the_next_hop_of_its_pods_in_each_family()
    {
        var plan = Plan(Native, Eth2, N2);
        Assert.Equal(
            ["10.244.2.0/24 via 192.0.2.2 dev 2", "fd00:244:2::/64 via fd00:c0::2 dev 2"],
            plan.Routes.Skip(2).Select(Text)
        );
    }

    [Fact]
    public void With_native_routing_the_network_knows_the_way_to_a_node_that_is_no_neighbour()
    {
        var far = PeerOf("far", ["198.51.100.7"], ["10.244.7.0/24"]);
        var plan = Plan(Native, Eth2, far);
        Assert.Equal(2, plan.Routes.Count);
        Assert.Contains(PeerKey.From(Prefix.Parse("10.244.7.0/24")), plan.Peers.Keys);
        Assert.Empty(plan.Refused);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pods_and_addresses_of_a_node_lead_to_the_address_it_is_reached_by(bool native)
    {
        var plan = Plan(native ? Native : Vxlan, Eth2, N2);
        AssertEntry(plan, "10.244.2.0/24", PeerKind.Pod, "192.0.2.2");
        AssertEntry(plan, "192.0.2.2/32", PeerKind.Node, "192.0.2.2");
        // The tunnel has one far end for both families; a next hop must be of the packet's own.
        AssertEntry(plan, "fd00:244:2::/64", PeerKind.Pod, native ? "fd00:c0::2" : "192.0.2.2");
        AssertEntry(plan, "fd00:c0::2/128", PeerKind.Node, native ? "fd00:c0::2" : "192.0.2.2");
    }

    [Fact]
    public void Addresses_have_the_identity_of_what_they_are()
    {
        var peers = Plan(Vxlan, Eth2, N2).Peers;
        uint Identity(string prefix) => peers[PeerKey.From(Prefix.Parse(prefix))].Identity;
        Assert.Equal(ReservedIdentity.ThisHost, Identity("192.0.2.1/32"));
        Assert.Equal(ReservedIdentity.ThisHost, Identity("10.244.1.1/32"));
        Assert.Equal(ReservedIdentity.OtherNode, Identity("192.0.2.2/32"));
        Assert.Equal(ReservedIdentity.UnknownInCluster, Identity("10.244.2.0/24"));
        // What a node itself sends to pods has its gateway as source, and goes the pods' way.
        Assert.Equal(ReservedIdentity.OtherNode, Identity("10.244.2.1/32"));
        AssertEntry(Plan(Vxlan, Eth2, N2), "10.244.2.1/32", PeerKind.Pod, "192.0.2.2");
    }

    [Fact]
    public void There_is_a_way_to_every_node_that_can_be_used_and_to_no_other()
    {
        var plan = Plan(Vxlan, Eth2, N2, PeerOf("n4", ["192.0.2.4"], ["10.244.2.0/25"]));
        Assert.Equal(MapAddress.From(Ip.Parse("192.0.2.2")), Assert.Single(plan.Ways).Value.V6.Node);
        Assert.Equal("n2", Assert.Single(plan.Ways).Key);
    }

    [Fact]
    public void Every_route_is_marked_as_ours() =>
        Assert.All(Plan(Native, Eth2, N2).Routes, route => Assert.Equal(NodePlan.RouteProtocol, route.Protocol));

    [Fact]
    public void Several_prefixes_of_a_family_each_have_a_route_and_leave_with_the_first_ones_gateway()
    {
        var plan = Plan(
            Settings("10.244.1.0/24", "10.250.0.0/28"),
            Eth2,
            PeerOf("n2", ["192.0.2.2"], ["10.244.2.0/24", "10.250.2.0/28"])
        );
        Assert.Equal(
            [
                "10.244.1.0/24 dev 3 src 10.244.1.1",
                "10.250.0.0/28 dev 3 src 10.244.1.1",
                "10.244.2.0/24 dev 3 src 10.244.1.1 mtu 1450",
                "10.250.2.0/28 dev 3 src 10.244.1.1 mtu 1450",
            ],
            plan.Routes.Select(Text)
        );
        AssertEntry(plan, "10.250.2.0/28", PeerKind.Pod, "192.0.2.2");
        AssertEntry(plan, "10.250.0.1/32", PeerKind.Self, null);
    }

    [Fact]
    public void A_node_whose_pods_overlap_this_nodes_is_left_out_whole()
    {
        var plan = Plan(Vxlan, Eth2, PeerOf("n2", ["192.0.2.2"], ["10.9.0.0/24", "10.244.0.0/16"]), N3);
        Assert.Equal(["n2: its 10.244.0.0/16 overlaps 10.244.1.0/24 of n1"], plan.Refused);
        Assert.DoesNotContain(PeerKey.From(Prefix.Parse("10.9.0.0/24")), plan.Peers.Keys);
        AssertEntry(plan, "10.244.3.0/24", PeerKind.Pod, "192.0.2.3");
    }

    [Fact]
    public void Of_two_nodes_with_the_same_pods_the_first_has_them()
    {
        var plan = Plan(Vxlan, Eth2, N2, PeerOf("n4", ["192.0.2.4"], ["10.244.2.0/25"]));
        Assert.Equal(["n4: its 10.244.2.0/25 overlaps 10.244.2.0/24 of n2"], plan.Refused);
        AssertEntry(plan, "10.244.2.0/24", PeerKind.Pod, "192.0.2.2");
    }

    [Fact]
    public void A_node_without_a_common_family_is_left_out()
    {
        var plan = Plan(
            Vxlan,
            UnderlayOf(Device(2, 1500, "192.0.2.1/24")),
            PeerOf("n2", ["fd00:c0::2"], ["10.2.0.0/24"])
        );
        Assert.Equal(["n2: it has no address of a family this node has"], plan.Refused);
        Assert.Equal(2, plan.Routes.Count);
    }

    [Fact]
    public void Every_device_is_listed_with_its_addresses_whether_or_not_they_are_masqueraded_with()
    {
        var underlay = UnderlayOf(Device(2, 1500, "192.0.2.1/24"), Device(5, 1500, "203.0.113.1/24", "fd00:5::1/64"));
        var devices = Plan(Vxlan, underlay).Devices;
        Assert.Equal([2u, (uint)HostLink.Value, 5u], devices.Keys.Order());
        Assert.Equal("192.0.2.1", devices[2].V4.ToIp().ToString());
        Assert.Equal(default, devices[2].V6);
        Assert.Equal("fd00:5::1", devices[5].V6.ToIp().ToString());

        Assert.Equal("10.244.1.1", devices[(uint)HostLink.Value].V4.ToIp().ToString());
        Assert.Equal(devices, Plan(Vxlan with { Masquerade = false }, underlay).Devices);
    }

    private static Peer N3 => PeerOf("n3", ["192.0.2.3"], ["10.244.3.0/24"]);

    private static void AssertEntry(NodePlan plan, string prefix, PeerKind kind, string? node)
    {
        var entry = plan.Peers[PeerKey.From(Prefix.Parse(prefix))];
        Assert.Equal(kind, entry.Kind);
        Assert.Equal(node is null ? default : MapAddress.From(Ip.Parse(node)), entry.Node);
    }

    private static string Text(PeerKey key)
    {
        var ip = key.Address.ToIp();
        return new Prefix(ip, (int)key.PrefixLength - 128 + ip.Bits).ToString();
    }

    private static string Text(Route route) =>
        route.Destination
        + (route.Gateway is { } gateway ? $" via {gateway}" : "")
        + $" dev {route.Link}"
        + (route.PreferredSource is { } source ? $" src {source}" : "")
        + (route.Mtu is { } mtu ? $" mtu {mtu}" : "");
}
