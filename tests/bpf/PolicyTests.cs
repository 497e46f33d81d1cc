using Weft.Datapath;
using Weft.Net;
using Weft.Policy.Identities;

namespace Weft.Tests.Bpf;

/// <summary>What policy sets in the maps do to packets.</summary>
public sealed class PolicyTests
{
    private const uint Set = 7;
    private static readonly PolicyWord Ingress = PolicyWord.Of(Set, ingress: true, egress: false);
    private static readonly PolicyWord Egress = PolicyWord.Of(Set, ingress: false, egress: true);
    private readonly DatapathFixture fixture = new();

    public static TheoryData<bool> Families => [true, false];

    private Programs Programs => fixture.Datapath.Programs;

    [Theory]
    [MemberData(nameof(Families))]
    public void An_isolated_pod_gets_nothing_that_no_entry_allows(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.OtherPod, Ingress);
        Assert.Equal("POLICY_INGRESS", Send(Request(net)).Dropped);
        Assert.Equal("POLICY_INGRESS", Arrive(Request(net) with { Source = net.PeerPod }).Dropped);
        Assert.Equal("POLICY_INGRESS", Arrive(Request(net) with { Source = net.World }).Dropped);
        Assert.Equal("POLICY_INGRESS", FromHost(Request(net) with { Source = net.World }).Dropped);
        Assert.Equal("POLICY_INGRESS", Send(Packet.Echo(net.Pod, net.OtherPod, 7)).Dropped);
        Assert.Equal("POLICY_INGRESS", Send(Request(net) with { Protocol = Packet.Gre }).Dropped);
        Assert.Empty(fixture.Datapath.Flows.ToDictionary());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_isolated_pod_sends_nothing_that_no_entry_allows(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.Pod, Egress);
        foreach (var destination in (Ip[])[net.OtherPod, net.PeerPod, net.PeerNode, net.Node, net.World])
        {
            Assert.Equal("POLICY_EGRESS", Send(Request(net) with { Destination = destination }).Dropped);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_entry_is_for_its_peer_protocol_and_port_only(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.OtherPod, Ingress);
        fixture.Allow(Entry(PolicyDirection.Ingress, DatapathFixture.PodIdentity, Packet.Tcp, 80));
        Assert.Null(Send(Request(net)).Dropped);
        Assert.Equal("POLICY_INGRESS", Send(Request(net) with { DestinationPort = 81 }).Dropped);
        Assert.Equal("POLICY_INGRESS", Send(Request(net) with { Protocol = Packet.Udp }).Dropped);
        Assert.Equal("POLICY_INGRESS", Send(Request(net) with { Protocol = Packet.Sctp }).Dropped);
        Assert.Equal("POLICY_INGRESS", Arrive(Request(net) with { Source = net.PeerPod }).Dropped);
    }

    [Theory]
    [InlineData(7999, false)]
    [InlineData(8000, true)]
    [InlineData(8063, true)]
    [InlineData(8064, false)]
    public void Leading_bits_of_a_port_are_a_range(ushort port, bool allowed)
    {
        fixture.Isolate(Net.V4.OtherPod, Ingress);
        fixture.Allow(PolicyKey.Of(Set, PolicyDirection.Ingress, PolicyKey.AnyPeer, Packet.Tcp, 8000, 10));
        Assert.Equal(allowed, Send(Request(Net.V4) with { DestinationPort = port }).Dropped is null);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_entry_without_a_protocol_is_for_all_of_them(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.OtherPod, Ingress);
        fixture.Allow(PolicyKey.Of(Set, PolicyDirection.Ingress, DatapathFixture.PodIdentity, 0, 0, 0));
        Assert.Null(Send(Request(net)).Dropped);
        Assert.Null(Send(Request(net) with { Protocol = Packet.Gre }).Dropped);
        Assert.Null(Send(Packet.Echo(net.Pod, net.OtherPod, 7)).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_block_is_the_longest_prefix_of_the_set_whoever_has_the_address(bool v4)
    {
        var net = Of(v4);
        const uint block = 1 << 24;
        fixture.Isolate(net.Pod, PolicyWord.Of(Set, ingress: false, egress: true, hasBlocks: true));
        Block(new Prefix(net.PeerPod, v4 ? 16 : 48), block);
        Block(net.PeerPods, block + 1);
        Block(net.PeerPod.ToPrefix(), block + 2);
        fixture.Allow(Entry(PolicyDirection.Egress, block, Packet.Tcp, 80));
        fixture.Allow(Entry(PolicyDirection.Egress, block + 2, Packet.Tcp, 80));

        Assert.Null(Send(Request(net) with { Destination = net.PeerPod }).Dropped);
        var neighbour = v4 ? Ip.Parse("10.1.2.8") : Ip.Parse("fd00:1:2::8");
        Assert.Equal("POLICY_EGRESS", Send(Request(net) with { Destination = neighbour }).Dropped);
        Assert.Equal("POLICY_EGRESS", Send(Request(net) with { Destination = net.World }).Dropped);
        Assert.Equal(v4, Send(Request(net)).Dropped is null);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Another_nodes_gateway_is_in_the_blocks_of_its_node_too(bool v4)
    {
        var net = Of(v4);
        const uint block = 1 << 24;
        var gateway = v4 ? Ip.Parse("10.1.2.1") : Ip.Parse("fd00:1:2::1");
        fixture.AddPeer(gateway.ToPrefix(), net.PeerNode, PeerKind.Pod, ReservedIdentity.OtherNode);
        fixture.Isolate(net.OtherPod, PolicyWord.Of(Set, ingress: true, egress: false, hasBlocks: true));
        Assert.Equal("POLICY_INGRESS", Arrive(Request(net) with { Source = gateway }).Dropped);
        Block(net.PeerNode.ToPrefix(), block);
        fixture.Allow(Entry(PolicyDirection.Ingress, block, Packet.Tcp, 80));
        Assert.Null(Arrive(Request(net) with { Source = gateway }).Dropped);
        Assert.Null(Arrive(Request(net) with { Source = net.PeerNode }).Dropped);
        Assert.Equal("POLICY_INGRESS", Arrive(Request(net) with { Source = net.PeerPod }).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Both_sides_must_allow(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.Pod, Egress);
        fixture.Isolate(net.OtherPod, PolicyWord.Of(Set + 1, ingress: true, egress: false));
        var inOther = PolicyKey.Of(Set + 1, PolicyDirection.Ingress, PolicyKey.AnyPeer, Packet.Tcp, 80, 16);
        fixture.Allow(inOther);
        Assert.Equal("POLICY_EGRESS", Send(Request(net)).Dropped);
        fixture.Allow(Entry(PolicyDirection.Egress, DatapathFixture.OtherPodIdentity, Packet.Tcp, 80));
        Assert.Null(Send(Request(net)).Dropped);
        fixture.Datapath.Policy.Remove(inOther);
        fixture.MoveEpoch(2);
        Assert.Equal("POLICY_INGRESS", Send(Request(net)).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Replies_pass_whatever_isolates_who_sends_them(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.Pod, PolicyWord.Of(Set, ingress: true, egress: true));
        fixture.Allow(Entry(PolicyDirection.Ingress, DatapathFixture.PeerPodIdentity, Packet.Tcp, 80));
        fixture.Allow(Entry(PolicyDirection.Egress, ReservedIdentity.World, Packet.Udp, 53));

        var request = Request(net) with { Source = net.PeerPod, Destination = net.Pod };
        Assert.Equal("POLICY_EGRESS", Send(request.Reply()).Dropped);
        Assert.Null(Arrive(request).Dropped);
        Assert.Null(Send(Answer(request)).Dropped);

        var query = new Packet
        {
            Source = net.Pod,
            Destination = net.World,
            SourcePort = 5000,
            DestinationPort = 53,
        };
        Assert.Equal("POLICY_INGRESS", Arrive(query.Reply()).Dropped);
        Assert.Null(Send(query).Dropped);
        Assert.Null(Arrive(query.Reply()).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_opening_segment_against_a_flows_direction_is_a_connection_of_its_own(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.Pod, PolicyWord.Of(Set, ingress: true, egress: false));
        var request = Request(net) with { Destination = net.PeerPod };
        Assert.Null(Send(request).Dropped);
        Assert.Null(Arrive(Answer(request)).Dropped);
        Assert.Equal("POLICY_INGRESS", Arrive(request.Reply() with { TcpFlags = Packet.Syn }).Dropped);
        Assert.Null(Arrive(request.Reply() with { TcpFlags = Packet.Ack }).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_change_cuts_what_it_denies_in_both_directions_and_lets_it_go_on_when_undone(bool v4)
    {
        var net = Of(v4);
        var entry = Entry(PolicyDirection.Egress, DatapathFixture.PeerPodIdentity, Packet.Tcp, 80);
        fixture.Isolate(net.Pod, Egress);
        fixture.Allow(entry);
        var request = Request(net) with { Destination = net.PeerPod };
        var data = request with { TcpFlags = Packet.Ack };
        Assert.Null(Send(request).Dropped);
        Assert.Null(Arrive(Answer(request)).Dropped);
        Assert.Null(Send(data).Dropped);

        fixture.Datapath.Policy.Remove(entry);
        Assert.Null(Send(data).Dropped);
        fixture.MoveEpoch(2);
        Assert.Equal("POLICY_EGRESS", Send(data).Dropped);
        Assert.Equal("POLICY_EGRESS", Arrive(data.Reply()).Dropped);

        fixture.Allow(entry);
        Assert.Null(Arrive(data.Reply()).Dropped);
        Assert.Null(Send(data).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_masqueraded_flow_is_cut_too(bool v4)
    {
        var net = Of(v4);
        var query = new Packet
        {
            Source = net.Pod,
            Destination = net.World,
            SourcePort = 5000,
            DestinationPort = 53,
        };
        Assert.Null(Send(query).Dropped);
        var left = fixture.Run(Programs.ToNetdev, query).Packet;
        Assert.Equal(net.Pod, Arrive(left.Reply()).Packet.Destination);
        fixture.Isolate(net.Pod, Egress);
        Assert.Equal("POLICY_EGRESS", Arrive(left.Reply()).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void One_write_of_the_epoch_puts_all_pods_under_their_other_policies(bool v4)
    {
        var net = Of(v4);
        fixture.Datapath.Epoch.Update(0, 10);
        var isolatedInOdd = new PolicyWords { [1] = PolicyWord.Of(Set, ingress: true, egress: true) };
        fixture.Isolate(net.Pod, isolatedInOdd);
        fixture.Isolate(net.OtherPod, isolatedInOdd);
        Assert.Null(Send(Request(net)).Dropped);
        fixture.MoveEpoch(1);
        Assert.Equal("POLICY_EGRESS", Send(Request(net)).Dropped);
        fixture.MoveEpoch(1);
        Assert.Null(Send(Request(net)).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_pods_own_node_always_reaches_it_and_nobody_in_its_name(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.Pod, PolicyWord.Of(Set, ingress: true, egress: true));
        foreach (var node in (Ip[])[net.Node, net.Gateway])
        {
            var probe = Request(net) with { Source = node, Destination = net.Pod };
            Assert.Equal("FOREIGN_SOURCE", Arrive(probe).Dropped);
            Assert.Null(FromHost(probe).Dropped);
            Assert.Null(Send(Answer(probe)).Dropped);
        }

        Assert.Equal("FOREIGN_SOURCE", Arrive(Request(net) with { Source = net.Pod }).Dropped);
        Assert.Equal(
            "POLICY_INGRESS",
            Arrive(Request(net) with { Source = net.PeerNode, Destination = net.Pod }).Dropped
        );
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_source_of_the_cluster_that_nobody_knows_yet_is_denied_for_that(bool v4)
    {
        var net = Of(v4);
        var unknown = v4 ? Ip.Parse("10.1.2.8") : Ip.Parse("fd00:1:2::8");
        Assert.Null(Arrive(Request(net) with { Source = unknown }).Dropped);
        fixture.Isolate(net.OtherPod, Ingress);
        fixture.Allow(Entry(PolicyDirection.Ingress, ReservedIdentity.World, Packet.Tcp, 80));
        Assert.Equal("POLICY_UNKNOWN_SOURCE", Arrive(Request(net) with { Source = unknown }).Dropped);
        Assert.Null(Arrive(Request(net) with { Source = net.World }).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_error_passes_with_the_flow_it_is_about_and_alone_is_judged(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.Pod, PolicyWord.Of(Set, ingress: true, egress: true));
        fixture.Allow(Entry(PolicyDirection.Egress, DatapathFixture.PeerPodIdentity, Packet.Tcp, 80));
        var request = Request(net) with { Destination = net.PeerPod };
        var error = Packet.Error(net.PeerNode, net.Pod, v4 ? (byte)3 : (byte)1, v4 ? (byte)3 : (byte)4, request);
        Assert.Equal("POLICY_INGRESS", Arrive(error).Dropped);
        Assert.Null(Send(request).Dropped);
        Assert.Null(Arrive(error).Dropped);
        fixture.Datapath.Policy.Remove(Entry(PolicyDirection.Egress, DatapathFixture.PeerPodIdentity, Packet.Tcp, 80));
        fixture.MoveEpoch(2);
        Assert.Equal("POLICY_EGRESS", Arrive(error).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_segment_of_a_connection_that_is_forgotten_passes_if_either_end_may_have_opened_it(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.Pod, PolicyWord.Of(Set, ingress: true, egress: true));
        var segment = Request(net) with { Source = net.PeerPod, Destination = net.Pod, TcpFlags = Packet.Ack };
        Assert.Equal("POLICY_INGRESS", Arrive(segment).Dropped);
        Assert.Equal("POLICY_EGRESS", Send(segment.Reply()).Dropped);
        fixture.Allow(Entry(PolicyDirection.Ingress, DatapathFixture.PeerPodIdentity, Packet.Tcp, 80));
        Assert.Null(Send(segment.Reply()).Dropped);
        Assert.Null(Arrive(segment).Dropped);

        // It opens nothing.
        Assert.Equal("POLICY_EGRESS", Send(segment.Reply() with { TcpFlags = Packet.Syn }).Dropped);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Under_audit_what_would_be_denied_passes_and_is_noted(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.OtherPod, PolicyWord.Of(Set, ingress: true, egress: false, audit: true));
        Assert.Null(Send(Request(net)).Dropped);
        var (key, denial) = fixture.Datapath.Denials.ToDictionary().Single();
        Assert.Equal((net.OtherPod, net.Pod), (key.Pod.ToIp(), key.Peer.ToIp()));
        Assert.True(denial.Policy.Audit);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Denials_are_noted_with_who_denied_what(bool v4)
    {
        var net = Of(v4);
        fixture.Isolate(net.Pod, Egress);
        Send(Request(net) with { Destination = net.PeerPod });
        Send(Request(net) with { Destination = net.PeerPod, SourcePort = 40001 });
        var (key, denial) = fixture.Datapath.Denials.ToDictionary().Single();
        Assert.Equal((net.Pod, net.PeerPod), (key.Pod.ToIp(), key.Peer.ToIp()));
        Assert.Equal((Packet.Tcp, PolicyDirection.Egress), (key.Protocol, key.Direction));
        Assert.Equal(ConfigValue.ToNetwork(80), key.PortNetwork);
        Assert.Equal((2ul, Set, false), (denial.Packets, denial.Policy.Set, denial.Policy.Audit));
        Assert.Equal(DatapathFixture.PeerPodIdentity, denial.Identity);
    }

    private static Net Of(bool v4) => v4 ? Net.V4 : Net.V6;

    /// <summary>Opens a TCP connection from the pod to port 80 of the other one.</summary>
    private static Packet Request(Net net) =>
        new()
        {
            Source = net.Pod,
            Destination = net.OtherPod,
            Protocol = Packet.Tcp,
            TcpFlags = Packet.Syn,
            SourcePort = 40000,
            DestinationPort = 80,
        };

    private static Packet Answer(Packet request) => request.Reply() with { TcpFlags = Packet.Syn | Packet.Ack };

    private static PolicyKey Entry(PolicyDirection direction, uint peer, byte protocol, ushort port) =>
        PolicyKey.Of(Set, direction, peer, protocol, port, 16);

    private void Block(Prefix prefix, uint number) =>
        fixture.Datapath.PolicyBlocks.Update(PolicyBlockKey.Of(Set, prefix.Network), new PolicyBlock { Peer = number });

    private Outcome Send(Packet packet) => fixture.Run(Programs.FromPod, packet);

    private Outcome Arrive(Packet packet) => fixture.Run(Programs.FromNetdev, packet);

    private Outcome FromHost(Packet packet) => fixture.Run(Programs.FromHost, packet);
}
