using Weft.Agent.Peers;
using Weft.Datapath;
using Weft.Net;
using Weft.Policy.Identities;

namespace Weft.Tests.Unit.Agent;

public sealed class DesiredPeersTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private readonly DesiredPeers desired = new("n1");
    private readonly Dictionary<PeerKey, PeerValue> map = [];

    [Fact]
    public void A_pod_of_another_node_has_an_entry_for_each_address_with_its_identity_and_the_way_to_its_node()
    {
        Plan("n2");
        Slice("n2-0", "n2", Pod("10.2.0.5", "fd00:2::5", 300));
        Assert.Equal(Way(2).To(true, 300), map[Key("10.2.0.5")]);
        Assert.Equal(Way(2).To(false, 300), map[Key("fd00:2::5")]);
    }

    [Fact]
    public void A_change_of_one_pod_touches_that_pods_entries_only()
    {
        Plan("n2");
        Slice("n2-0", "n2", Pod("10.2.0.5", null, 300), Pod("10.2.0.6", null, 300), Pod("10.2.0.7", null, 300));
        desired.SetSlice(
            "n2-0",
            "n2",
            [Pod("10.2.0.5", null, 300), Pod("10.2.0.6", null, 301), Pod("10.2.0.8", null, 300)],
            Start
        );
        Assert.Equal(
            [Key("10.2.0.6"), Key("10.2.0.7"), Key("10.2.0.8")],
            desired.TakeDirty().OrderBy(key => key.Address.ToIp())
        );
    }

    [Fact]
    public void The_pods_of_a_node_wait_for_the_way_to_it_and_move_with_it()
    {
        Slice("n2-0", "n2", Pod("10.2.0.5", null, 300));
        Assert.Empty(map);
        Plan("n2");
        Assert.Equal(Way(2).To(true, 300), map[Key("10.2.0.5")]);
        desired.SetNodes(new Dictionary<PeerKey, PeerValue>(), new Dictionary<string, PeerWay> { ["n2"] = Way(9) });
        Fold();
        Assert.Equal(Way(9).To(true, 300), map[Key("10.2.0.5")]);
        Plan("n3");
        Assert.Empty(map);
    }

    [Fact]
    public void This_nodes_own_slices_and_addresses_are_not_other_nodes_to_have()
    {
        var own = new PeerValue { Kind = PeerKind.Self, Identity = ReservedIdentity.ThisHost };
        desired.SetNodes(
            new Dictionary<PeerKey, PeerValue> { [Key("192.0.2.1")] = own },
            new Dictionary<string, PeerWay> { ["n1"] = Way(1), ["n2"] = Way(2) }
        );
        Slice("n1-0", "n1", Pod("10.1.0.5", null, 300));
        Slice("n2-0", "n2", Pod("192.0.2.1", null, 300));
        Assert.Equal(own, Assert.Single(map).Value);
        Assert.Equal(1, desired.Slices);
    }

    [Fact]
    public void An_address_that_two_slices_claim_is_the_first_ones_by_name_whichever_came_first_and_the_others_when_that_goes()
    {
        Plan("n2");
        Slice("n2-1", "n2", Pod("10.2.0.5", null, 301));
        Slice("n2-0", "n2", Pod("10.2.0.5", null, 300));
        Assert.Equal(300u, map[Key("10.2.0.5")].Identity);
        Slice("n2-1", "n2", Pod("10.2.0.5", null, 302));
        Assert.Equal(300u, map[Key("10.2.0.5")].Identity);
        Slice("n2-0", "n2");
        Assert.Equal(302u, map[Key("10.2.0.5")].Identity);
        desired.RemoveSlice("n2-1", Start);
        Fold();
        Assert.Empty(map);
    }

    [Fact]
    public void An_identity_that_is_not_known_yet_leaves_the_entry_as_it_was_until_it_is()
    {
        Plan("n2");
        desired.SetKnown(identity => identity == 300);
        Slice("n2-0", "n2", Pod("10.2.0.5", null, 300));
        Slice("n2-0", "n2", Pod("10.2.0.5", null, 301), Pod("10.2.0.6", null, 301));
        Assert.Equal(300u, Assert.Single(map).Value.Identity);
        Assert.Equal(1, desired.Waiting);
        desired.Known(301);
        Fold();
        Assert.Equal([301u, 301u], map.Values.Select(value => value.Identity));
        Assert.Equal(0, desired.Waiting);
    }

    [Fact]
    public void A_slice_is_believed_when_its_identity_does_not_come()
    {
        Plan("n2");
        desired.SetKnown(_ => false);
        Slice("n2-0", "n2", Pod("10.2.0.5", null, 301));
        Assert.Empty(desired.Overdue(Start + DesiredPeers.Patience - TimeSpan.FromSeconds(1)));
        Assert.Equal([301u], desired.Overdue(Start + DesiredPeers.Patience));
        Fold();
        Assert.Equal(301u, Assert.Single(map).Value.Identity);
    }

    [Fact]
    public void A_reserved_identity_needs_no_object()
    {
        Plan("n2");
        desired.SetKnown(_ => false);
        Slice("n2-0", "n2", Pod("10.2.0.5", null, ReservedIdentity.Unmanaged));
        Assert.Equal(ReservedIdentity.Unmanaged, Assert.Single(map).Value.Identity);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_changes_lead_to_is_what_the_last_state_says_whatever_came_before(int seed)
    {
        var random = new Random(seed);
        var slices = new SortedDictionary<string, (string Node, RemoteEndpoint[] Pods)>(StringComparer.Ordinal);
        string[] nodes = [];
        for (var step = 0; step < 2000; step++)
        {
            var name = $"s{random.Next(12):D2}";
            switch (random.Next(8))
            {
                case 0:
                    slices.Remove(name);
                    desired.RemoveSlice(name, Start);
                    break;
                case 1:
                    nodes = [.. Enumerable.Range(1, 4).Where(_ => random.Next(4) > 0).Select(n => $"n{n}")];
                    desired.SetNodes(
                        new Dictionary<PeerKey, PeerValue>(),
                        nodes.ToDictionary(node => node, node => Way(node[1]))
                    );
                    break;
                default:
                    var pods = Enumerable
                        .Range(0, random.Next(6))
                        .Select(_ => random.Next(20))
                        .Distinct()
                        .Select(i =>
                            Pod(
                                $"10.0.0.{i}",
                                random.Next(2) == 0 ? null : $"fd00::{i:x}1",
                                (uint)(256 + random.Next(3))
                            )
                        )
                        .ToArray();
                    slices[name] = ($"n{random.Next(1, 5)}", pods);
                    desired.SetSlice(name, slices[name].Node, pods, Start);
                    break;
            }

            Fold();
            Assert.Equal(Expected(slices, nodes), map);
        }
    }

    private static Dictionary<PeerKey, PeerValue> Expected(
        SortedDictionary<string, (string Node, RemoteEndpoint[] Pods)> slices,
        string[] nodes
    )
    {
        var owners = new Dictionary<PeerKey, PeerValue?>();
        foreach (var (node, pods) in slices.Values.Where(slice => slice.Node != "n1"))
        {
            foreach (var pod in pods)
            {
                foreach (var ip in new[] { pod.First, pod.Second }.Where(ip => ip != RemoteEndpoint.None))
                {
                    owners.TryAdd(
                        PeerKey.From(ip.ToPrefix()),
                        nodes.Contains(node) ? Way(node[1]).To(ip, pod.Identity) : null
                    );
                }
            }
        }

        return owners
            .Where(owner => owner.Value is not null)
            .ToDictionary(owner => owner.Key, owner => owner.Value!.Value);
    }

    private void Plan(params string[] nodes)
    {
        desired.SetNodes(
            new Dictionary<PeerKey, PeerValue>(),
            nodes.ToDictionary(node => node, node => Way(node[1] - '0'))
        );
        Fold();
    }

    private void Slice(string name, string node, params RemoteEndpoint[] pods)
    {
        desired.SetSlice(name, node, pods, Start);
        Fold();
    }

    /// <summary>What the map would be made of.</summary>
    private void Fold()
    {
        foreach (var key in desired.TakeDirty())
        {
            if (desired.Of(key) is { } value)
            {
                map[key] = value;
            }
            else
            {
                map.Remove(key);
            }
        }
    }

    private static PeerWay Way(int n) =>
        new(
            new PeerValue { Node = MapAddress.From(Ip.Parse($"192.0.2.{n}")), Kind = PeerKind.Pod },
            new PeerValue { Node = MapAddress.From(Ip.Parse($"fd00:c0::{n}")), Kind = PeerKind.Pod }
        );

    private static PeerKey Key(string address) => PeerKey.From(Ip.Parse(address).ToPrefix());

    private static RemoteEndpoint Pod(string first, string? second, uint identity) =>
        new(Ip.Parse(first), second is null ? RemoteEndpoint.None : Ip.Parse(second), identity);
}
