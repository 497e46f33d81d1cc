using Weft.Agent.Policy;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Net;
using Weft.Policy.Identities;

namespace Weft.Tests.Bpf;

/// <summary>From policies, identities and pods to what the maps say, in the order that leaves no gap.</summary>
public sealed class NodePolicyTests
{
    private const string DenyAll = "{'podSelector': {}, 'policyTypes': ['Ingress', 'Egress']}";
    private const string FromClients =
        "{'podSelector': {'matchLabels': {'app': 'web'}}, 'ingress': [{'from': [{'podSelector': {'matchLabels': {'app': 'client'}}}], 'ports': [{'port': 80}]}]}";

    private const string Web = "10.244.1.1";
    private const string Client = "10.244.1.2";
    private const string Far = "10.244.2.1";
    private const string World = "203.0.113.1";
    private const uint WebIdentity = 300;
    private const uint ClientIdentity = 301;
    private const uint FarIdentity = 302;

    private readonly PolicyNode node = new();

    public NodePolicyTests()
    {
        node.Identity(WebIdentity, "shop", "app=web tier");
        node.Identity(ClientIdentity, "shop", "app=client tier");
        node.Pod(Web, WebIdentity, "shop/web");
        node.Pod(Client, ClientIdentity, "shop/client");
        node.Policy.Enforce();
    }

    [Fact]
    public void A_pod_that_no_policy_selects_is_open()
    {
        Assert.Equal(default, node.WordOf(Web));
        Assert.True(node.Allows(World, Web));
    }

    [Fact]
    public void A_policy_is_in_force_for_all_pods_at_once_and_its_end_too()
    {
        node.Apply("shop/deny", DenyAll);
        var before = node.Epoch.Current;
        node.Policy.Enforce();
        Assert.Equal(before + 1, node.Epoch.Current);
        Assert.False(node.Allows(World, Web));
        Assert.False(node.Allows(Client, World));
        var side = node.Live.Judge(new PolicyQuestion(World, Web, 6, 80)).Ingress!;
        Assert.Equal((PolicyVerdict.Denied, "shop/web"), (side.Verdict, $"{side.Pod}"));
        Assert.Equal(["shop/deny"], side.Set!.Ingress);

        node.DeletePolicy("shop/deny");
        node.Policy.Enforce();
        Assert.True(node.Allows(World, Web));
    }

    [Fact]
    public void A_rule_allows_its_peers_its_ports_and_is_named()
    {
        node.Apply("shop/web", FromClients);
        node.Policy.Enforce();
        Assert.True(node.Allows(Client, Web));
        Assert.False(node.Allows(Client, Web, 81));
        Assert.False(node.Allows(World, Web));
        Assert.Equal("shop/web ingress[0]", node.Live.Judge(new PolicyQuestion(Client, Web, 6, 80)).Ingress!.Rule);
    }

    [Fact]
    public void An_identity_is_in_the_sets_before_anybody_may_have_it_and_no_number_changes()
    {
        node.Apply("shop/web", FromClients);
        node.Policy.Enforce();
        var (word, epoch) = (node.WordOf(Web), node.Epoch.Current);
        node.Identity(FarIdentity, "shop", "app=client tier=x");
        node.RemotePod(Far, FarIdentity);
        Assert.True(node.Allows(Far, Web));
        Assert.Equal((word, epoch), (node.WordOf(Web), node.Epoch.Current));
    }

    [Fact]
    public void An_identity_that_is_given_up_stays_in_the_sets_while_somebody_has_it()
    {
        node.Apply("shop/web", FromClients);
        node.Identity(FarIdentity, "shop", "app=client tier=x");
        node.Policy.Enforce();
        var entries = node.Maps.Entries;
        node.GiveUpIdentity(ClientIdentity);
        node.GiveUpIdentity(FarIdentity);
        node.Policy.Enforce();
        Assert.True(node.Allows(Client, Web));
        Assert.Equal(entries - 1, node.Maps.Entries);
        node.DeletePod(Client);
        node.Policy.Enforce();
        Assert.Equal(0, node.Maps.Entries);
    }

    [Fact]
    public void A_pod_that_comes_is_under_its_policies_at_once_and_a_set_is_shared()
    {
        node.Apply("shop/web", FromClients);
        node.Policy.Enforce();
        node.Pod("10.244.1.3", WebIdentity, "shop/web-2");
        Assert.Equal(node.WordOf(Web), node.WordOf("10.244.1.3"));
        node.Identity(FarIdentity, "shop", "app=web tier=x");
        node.Pod("10.244.1.4", FarIdentity, "shop/web-3");
        Assert.Equal(node.WordOf(Web), node.WordOf("10.244.1.4"));
        Assert.Equal(1, node.Maps.Entries);
    }

    [Fact]
    public void A_set_that_a_change_leaves_as_it_is_keeps_its_number()
    {
        node.Apply("shop/web", FromClients);
        node.Policy.Enforce();
        var (word, epoch) = (node.WordOf(Web), node.Epoch.Current);
        node.Apply("other/policy", DenyAll);
        node.Apply("shop/web", FromClients);
        node.Policy.Enforce();
        Assert.Equal((word, epoch), (node.WordOf(Web), node.Epoch.Current));
    }

    [Fact]
    public void A_set_that_changes_gets_a_new_number_and_the_old_one_stays_for_programs_that_are_at_it()
    {
        node.Apply("shop/web", FromClients);
        node.Policy.Enforce();
        var old = node.WordOf(Web).Set;
        node.Apply("shop/web", FromClients.Replace("80", "81"));
        node.Policy.Enforce();
        Assert.NotEqual(old, node.WordOf(Web).Set);
        Assert.Contains(old, node.Maps.Numbers());
        node.PassGrace();
        Assert.Equal([node.WordOf(Web).Set], node.Maps.Numbers());
        // Denials of a moment ago still have a name.
        Assert.Equal(["shop/web"], node.Policy.NameOf(PolicyWord.Of(old, true, false))!.Ingress);
    }

    [Fact]
    public void A_pod_that_goes_or_changes_voids_what_was_judged_by_it()
    {
        var before = node.Epoch.Current;
        node.Pod(Client, WebIdentity, "shop/client");
        Assert.Equal(before + 2, node.Epoch.Current);
        node.DeletePod(Client);
        Assert.Equal(before + 4, node.Epoch.Current);
        node.Pod("10.244.1.9", WebIdentity, "shop/new");
        Assert.Equal(before + 4, node.Epoch.Current);
    }

    [Fact]
    public void A_restart_leaves_pods_under_what_they_had_until_everything_is_known_and_then_nothing_of_before()
    {
        node.Apply("shop/web", FromClients);
        node.Apply("shop/deny", DenyAll);
        node.Policy.Enforce();
        var (word, client) = (node.WordOf(Web), node.WordOf(Client));
        node.DeletePolicy("shop/deny");

        node.AreFresh = false;
        node.Restart();
        node.Policy.Enforce();
        Assert.Equal((word, client), (node.WordOf(Web), node.WordOf(Client)));
        Assert.False(node.State.InForce);
        // One that comes meanwhile is judged by what was written down.
        node.Pod("10.244.1.5", WebIdentity, "shop/web-2");
        Assert.False(node.Allows(World, "10.244.1.5"));
        Assert.True(node.Allows("10.244.1.5", World));

        node.AreFresh = true;
        node.PassGrace();
        Assert.True(node.State.InForce);
        Assert.True(node.Allows(Client, Web));
        Assert.True(node.Allows(Client, World));
        Assert.DoesNotContain(word.Set, node.Maps.Numbers());
        Assert.Equal([node.WordOf(Web).Set], node.Maps.Numbers());
    }

    [Fact]
    public void A_new_set_never_gets_the_number_of_one_from_before_that_has_no_entries()
    {
        node.Apply("shop/deny", DenyAll);
        node.Policy.Enforce();
        var before = node.WordOf(Web).Set;
        Assert.Empty(node.Maps.Numbers());
        node.Restart();
        node.Identity(400, "other", "app=web");
        node.Apply("other/allow", "{'podSelector': {}, 'ingress': [{}]}");
        node.Pod("10.244.1.7", 400, "other/pod");
        Assert.NotEqual(before, node.WordOf("10.244.1.7").Set);
    }

    [Fact]
    public void Without_anything_to_go_by_a_pod_that_comes_is_closed()
    {
        node.AreUsable = node.AreFresh = false;
        node.Restart();
        node.Pod("10.244.1.7", ReservedIdentity.Unmanaged, "shop/pod");
        Assert.False(node.Allows(World, "10.244.1.7"));
        Assert.False(node.Allows("10.244.1.7", World));
        Assert.True(node.Allows(World, Web));
    }

    [Fact]
    public void A_policy_that_does_not_fit_leaves_pods_as_they_are_closes_new_ones_and_is_told_once()
    {
        node.Apply("shop/web", FromClients);
        node.Policy.Enforce();
        var word = node.WordOf(Web);
        node.Apply("shop/web", Wide((int)node.Maps.EntriesCapacity));
        node.Policy.Enforce();
        node.Policy.Enforce();
        Assert.Equal(word, node.WordOf(Web));
        Assert.True(node.Allows(Client, Web));
        Assert.Equal(1, node.Maps.Entries);
        Assert.Equal(["shop/web"], node.Failures);
        Assert.Equal("shop/web", Assert.Single(node.State.NotInForce).Policy);

        node.Identity(FarIdentity, "shop", "app=web tier=x");
        node.Pod("10.244.1.4", FarIdentity, "shop/web-3");
        Assert.False(node.Allows(Client, "10.244.1.4"));
        Assert.Contains("closed", node.Live.Judge(new PolicyQuestion(Client, "10.244.1.4", 6, 80)).Ingress!.Set!.Note!);

        node.Apply("shop/web", FromClients);
        node.Policy.Enforce();
        Assert.Empty(node.State.NotInForce);
        Assert.True(node.Allows(Client, "10.244.1.4"));
    }

    [Fact]
    public void What_fits_only_in_place_of_the_old_is_written_when_that_is_gone()
    {
        node.Apply("shop/web", Wide((int)node.Maps.EntriesCapacity / 2 + 1));
        node.Policy.Enforce();
        var first = node.WordOf(Web);
        node.Apply("shop/other", DenyAll);
        node.Policy.Enforce();
        // The pods stay under the first, which keeps the room.
        Assert.Equal(first, node.WordOf(Web));
        node.DeletePod(Web);
        node.PassGrace();
        node.Pod(Web, WebIdentity, "shop/web");
        Assert.Equal((int)node.Maps.EntriesCapacity / 2 + 1, node.Maps.Entries);
        node.Policy.Enforce();
        Assert.Empty(node.State.NotInForce);
    }

    [Fact]
    public void Pods_whose_labels_are_not_known_are_closed_where_any_policy_of_their_namespace_could_mean_them()
    {
        node.Pod("10.244.1.7", ReservedIdentity.Unmanaged, "shop/unknown");
        node.Pod("10.244.1.8", ReservedIdentity.Unmanaged, "other/unknown");
        node.Pod("10.244.1.9", ReservedIdentity.Unmanaged);
        node.Apply("shop/web", FromClients);
        node.Policy.Enforce();
        Assert.False(node.Allows(Client, "10.244.1.7"));
        Assert.True(node.Allows("10.244.1.7", World));
        Assert.True(node.Allows(World, "10.244.1.8"));
        Assert.True(node.Allows(World, "10.244.1.9"));
        Assert.Equal(
            ["shop/web"],
            node.Live.Judge(new PolicyQuestion(Client, "10.244.1.7", 6, 80)).Ingress!.Set!.Ingress
        );
    }

    [Fact]
    public void The_nodes_own_packets_always_come_in()
    {
        node.Datapath.Peers.Update(
            PeerKey.From(Prefix.Parse("192.0.2.11/32")),
            new PeerValue { Kind = PeerKind.Self, Identity = ReservedIdentity.ThisHost }
        );
        node.Apply("shop/deny", DenyAll);
        node.Policy.Enforce();
        Assert.Equal(
            PolicyVerdict.OwnNode,
            node.Live.Judge(new PolicyQuestion("192.0.2.11", Web, 6, 80)).Ingress!.Verdict
        );
    }

    [Fact]
    public void Another_nodes_gateway_is_named_by_the_blocks_of_its_node()
    {
        node.Datapath.Peers.Update(
            PeerKey.From(Prefix.Parse("10.244.2.254/32")),
            new PeerValue
            {
                Kind = PeerKind.Node,
                Identity = ReservedIdentity.OtherNode,
                Node = MapAddress.From(Ip.Parse("192.0.2.12")),
            }
        );
        node.Apply(
            "shop/web",
            "{'podSelector': {'matchLabels': {'app': 'web'}}, 'ingress': [{'from': [{'ipBlock': {'cidr': '192.0.2.0/24'}}]}]}"
        );
        node.Policy.Enforce();
        Assert.True(node.Allows("10.244.2.254", Web));
        Assert.False(node.Allows("10.244.2.253", Web));
    }

    [Fact]
    public void Audit_marks_the_pod_and_leaves_its_set_alone()
    {
        node.Apply("shop/deny", DenyAll);
        node.Policy.Enforce();
        var set = node.WordOf(Web).Set;
        node.Audited.Add("shop/web");
        node.Policy.Enforce();
        Assert.True(node.WordOf(Web).Audit);
        Assert.False(node.WordOf(Client).Audit);
        Assert.Equal(set, node.WordOf(Web).Set);
    }

    [Fact]
    public void A_version_that_names_keys_of_which_identities_in_use_say_nothing_waits_for_others()
    {
        node.Apply("shop/web", FromClients);
        node.Policy.Enforce();
        node.Apply("shop/web", FromClients.Replace("app': 'client", "zone': 'a"));
        node.Policy.Enforce();
        Assert.True(node.Allows(Client, Web));
        Assert.Equal("shop/web", Assert.Single(node.State.Waiting).Policy);

        node.Identity(400, "shop", "app=web tier zone");
        node.Identity(401, "shop", "app=client tier zone=b");
        node.Pod(Web, 400, "shop/web");
        node.Policy.Enforce();
        Assert.True(node.Allows(Client, Web));
        node.Pod(Client, 401, "shop/client");
        node.Policy.Enforce();
        Assert.Empty(node.State.Waiting);
        Assert.False(node.Allows(Client, Web));
    }

    [Fact]
    public void A_policy_that_is_the_first_to_use_a_ports_name_waits_for_identities_that_tell_about_it()
    {
        node.Identity(FarIdentity, "shop", "app=api tier", knowsPorts: false);
        node.RemotePod(Far, FarIdentity);
        node.Apply("shop/named", "{'podSelector': {}, 'ingress': [{'ports': [{'port': 'http'}]}]}");
        node.Policy.Enforce();
        Assert.Single(node.State.Waiting);
        Assert.True(node.Allows(Client, Web));
        node.Identity(FarIdentity + 1, "shop", "app=api tier", port: 8080);
        node.RemotePod(Far, FarIdentity + 1);
        node.Policy.Enforce();
        Assert.Empty(node.State.Waiting);
        Assert.False(node.Allows(Client, Web));
    }

    [Fact]
    public void Nobody_is_waited_for_longer_than_5_s()
    {
        node.Apply("shop/zone", FromClients.Replace("app", "zone"));
        node.Policy.Enforce();
        Assert.Single(node.State.Waiting);
        node.Clock.Now += PolicyVersions.Patience;
        node.Policy.Enforce();
        Assert.Empty(node.State.Waiting);
    }

    [Fact]
    public void A_port_name_to_a_prefix_follows_the_addresses_of_pods()
    {
        node.Identity(FarIdentity, "shop", "app=api tier", port: 8080);
        node.Apply(
            "shop/egress",
            "{'podSelector': {}, 'egress': [{'to': [{'ipBlock': {'cidr': '10.244.2.0/24'}}], 'ports': [{'port': 'http'}]}]}"
        );
        node.Policy.Enforce();
        Assert.False(node.Allows(Client, Far, 8080));
        node.RemotePod(Far, FarIdentity);
        node.Policy.Enforce();
        Assert.True(node.Allows(Client, Far, 8080));
        Assert.False(node.Allows(Client, Far, 80));
        Assert.False(node.Allows(Client, "10.244.2.2", 8080));
    }

    [Fact]
    public void Every_set_has_blocks_of_its_own()
    {
        node.Apply(
            "shop/web",
            "{'podSelector': {'matchLabels': {'app': 'web'}}, 'ingress': [{'from': [{'ipBlock': {'cidr': '0.0.0.0/0', 'except': ['203.0.113.0/24']}}]}]}"
        );
        node.Apply(
            "shop/client",
            "{'podSelector': {'matchLabels': {'app': 'client'}}, 'ingress': [{'from': [{'ipBlock': {'cidr': '203.0.113.0/24'}}]}]}"
        );
        node.Policy.Enforce();
        Assert.False(node.Allows(World, Web));
        Assert.True(node.Allows(World, Client));
        Assert.True(node.Allows("198.51.100.1", Web));
        Assert.False(node.Allows("198.51.100.1", Client));
        node.DeletePolicy("shop/web");
        node.DeletePolicy("shop/client");
        node.PassGrace();
        Assert.Equal((0, 0), (node.Maps.Entries, node.Maps.Blocks));
        Assert.Equal(0, node.Datapath.PolicyBlocks.Count());
    }

    /// <summary>Clients to web on this many ports, none beside another, so that each is an entry.</summary>
    private static string Wide(int entries)
    {
        // Even ports share no prefix with their neighbours; with all three protocols and directions there are enough.
        const int Ports = 30_000;
        var rules = new List<string>();
        for (var first = 0; first < entries; first += Ports)
        {
            var count = Math.Min(Ports, entries - first);
            var ports = string.Join(',', Enumerable.Range(1, count).Select(i => $"{{'port': {i * 2}}}"));
            rules.Add($"{{'from': [{{'ipBlock': {{'cidr': '10.{first / Ports}.0.0/16'}}}}], 'ports': [{ports}]}}");
        }

        return $"{{'podSelector': {{'matchLabels': {{'app': 'web'}}}}, 'ingress': [{string.Join(',', rules)}]}}";
    }
}
