namespace Weft.Tests.Unit.Policy;

/// <summary>Each rule of NetworkPolicy that is easily got wrong, by name.</summary>
public sealed class SemanticsTests
{
    private const string World = "198.51.100.9";

    private static TestCluster Cluster() =>
        new TestCluster()
            .Namespace("x", "ns=x")
            .Namespace("y", "ns=y")
            .Pod("x/a", "app=a")
            .Pod("x/b", "app=b", "web:TCP:80 web:UDP:81 alt:TCP:8080")
            .Pod("y/a", "app=a", "web:TCP:81")
            .Pod("y/b", "app=b");

    [Fact]
    public void No_policy_allows_everything()
    {
        Assert.True(Cluster().Ingress("y/a", "x/a").Allowed);
        Assert.True(Cluster().Egress("x/a", World).Allowed);
    }

    [Fact]
    public void An_empty_podSelector_selects_every_pod_of_the_policys_namespace_and_no_other()
    {
        var cluster = Cluster().Policy("x/p", "{'podSelector':{}}");
        Assert.False(cluster.Ingress("y/a", "x/a").Allowed);
        Assert.False(cluster.Ingress("x/a", "x/b").Allowed);
        Assert.True(cluster.Ingress("x/a", "y/a").Allowed);
    }

    [Fact]
    public void Without_policyTypes_a_policy_without_egress_isolates_ingress_alone()
    {
        var cluster = Cluster().Policy("x/p", "{'podSelector':{}}");
        Assert.False(cluster.Ingress("y/a", "x/a").Allowed);
        Assert.True(cluster.Egress("x/a", "y/a").Allowed);
    }

    [Fact]
    public void Without_policyTypes_a_policy_with_egress_isolates_both()
    {
        var cluster = Cluster().Policy("x/p", "{'podSelector':{},'egress':[]}");
        Assert.False(cluster.Ingress("y/a", "x/a").Allowed);
        Assert.False(cluster.Egress("x/a", "y/a").Allowed);
    }

    [Fact]
    public void PolicyTypes_of_egress_alone_leaves_ingress_open()
    {
        var cluster = Cluster().Policy("x/p", "{'podSelector':{},'policyTypes':['Egress']}");
        Assert.True(cluster.Ingress("y/a", "x/a").Allowed);
        Assert.False(cluster.Egress("x/a", "y/a").Allowed);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{'from':[]}")]
    public void A_rule_without_peers_allows_everybody_the_world_too(string rule)
    {
        var cluster = Cluster().Policy("x/p", $"{{'podSelector':{{}},'ingress':[{rule}]}}");
        Assert.True(cluster.Ingress("y/a", "x/a").Allowed);
        Assert.True(cluster.Ingress(World, "x/a").Allowed);
        Assert.True(cluster.Ingress(World, "x/a", "ICMP/0").Allowed);
    }

    [Theory]
    [InlineData("'ingress':[]")]
    [InlineData("'policyTypes':['Ingress']")]
    public void A_direction_without_rules_is_closed(string ingress) =>
        Assert.False(Cluster().Policy("x/p", $"{{'podSelector':{{}},{ingress}}}").Ingress("x/a", "x/b").Allowed);

    [Fact]
    public void A_podSelector_alone_means_the_policys_namespace()
    {
        var cluster = Cluster().Policy("x/p", "{'podSelector':{},'ingress':[{'from':[{'podSelector':{}}]}]}");
        Assert.True(cluster.Ingress("x/a", "x/b").Allowed);
        Assert.False(cluster.Ingress("y/a", "x/b").Allowed);
    }

    [Fact]
    public void An_empty_namespaceSelector_means_all_pods_and_no_outside_address()
    {
        var cluster = Cluster().Policy("x/p", "{'podSelector':{},'ingress':[{'from':[{'namespaceSelector':{}}]}]}");
        Assert.True(cluster.Ingress("y/a", "x/b").Allowed);
        Assert.False(cluster.Ingress(World, "x/b").Allowed);
    }

    [Fact]
    public void Both_selectors_in_one_peer_must_both_match()
    {
        var cluster = Cluster()
            .Policy(
                "x/p",
                "{'podSelector':{},'ingress':[{'from':[{'namespaceSelector':{'matchLabels':{'ns':'y'}},'podSelector':{'matchLabels':{'app':'a'}}}]}]}"
            );
        Assert.True(cluster.Ingress("y/a", "x/b").Allowed);
        Assert.False(cluster.Ingress("y/b", "x/b").Allowed);
        Assert.False(cluster.Ingress("x/a", "x/b").Allowed);
    }

    [Fact]
    public void Selectors_in_two_peers_are_alternatives()
    {
        var cluster = Cluster()
            .Policy(
                "x/p",
                "{'podSelector':{},'ingress':[{'from':[{'namespaceSelector':{'matchLabels':{'ns':'y'}}},{'podSelector':{'matchLabels':{'app':'a'}}}]}]}"
            );
        Assert.True(cluster.Ingress("y/b", "x/b").Allowed);
        Assert.True(cluster.Ingress("x/a", "x/b").Allowed);
        Assert.False(cluster.Ingress("x/b", "x/a").Allowed);
    }

    [Fact]
    public void The_namespaces_name_label_is_there_without_being_given() =>
        Assert.True(
            Cluster()
                .Policy(
                    "x/p",
                    "{'podSelector':{},'ingress':[{'from':[{'namespaceSelector':{'matchLabels':{'kubernetes.io/metadata.name':'y'}}}]}]}"
                )
                .Ingress("y/a", "x/b")
                .Allowed
        );

    [Theory]
    [InlineData("NotIn", "'values':['b']")]
    [InlineData("DoesNotExist", "'values':[]")]
    public void NotIn_and_DoesNotExist_match_pods_without_the_key(string @operator, string values) =>
        Assert.True(
            Cluster()
                .Policy(
                    "x/p",
                    $"{{'podSelector':{{}},'ingress':[{{'from':[{{'podSelector':{{'matchExpressions':[{{'key':'tier','operator':'{@operator}',{values}}}]}}}}]}}]}}"
                )
                .Ingress("x/a", "x/b")
                .Allowed
        );

    [Fact]
    public void An_empty_value_wants_the_key_with_an_empty_value()
    {
        var cluster = Cluster()
            .Pod("x/empty", "tier=")
            .Policy("x/p", "{'podSelector':{},'ingress':[{'from':[{'podSelector':{'matchLabels':{'tier':''}}}]}]}");
        Assert.True(cluster.Ingress("x/empty", "x/b").Allowed);
        Assert.False(cluster.Ingress("x/a", "x/b").Allowed);
    }

    [Fact]
    public void A_port_without_protocol_is_TCP()
    {
        var cluster = Cluster().Policy("x/p", "{'podSelector':{},'ingress':[{'ports':[{'port':80}]}]}");
        Assert.True(cluster.Ingress("y/a", "x/b", "TCP/80").Allowed);
        Assert.False(cluster.Ingress("y/a", "x/b", "UDP/80").Allowed);
        Assert.False(cluster.Ingress("y/a", "x/b", "ICMP/0").Allowed);
    }

    [Fact]
    public void A_protocol_without_port_is_all_its_ports()
    {
        var cluster = Cluster().Policy("x/p", "{'podSelector':{},'ingress':[{'ports':[{'protocol':'UDP'}]}]}");
        Assert.True(cluster.Ingress("y/a", "x/b", "UDP/5353").Allowed);
        Assert.False(cluster.Ingress("y/a", "x/b", "TCP/80").Allowed);
    }

    [Fact]
    public void SCTP_alone_opens_no_TCP_and_still_isolates_it()
    {
        var cluster = Cluster()
            .Policy("x/p", "{'podSelector':{},'ingress':[{'ports':[{'protocol':'SCTP','port':80}]}]}");
        Assert.True(cluster.Ingress("y/a", "x/b", "SCTP/80").Allowed);
        Assert.False(cluster.Ingress("y/a", "x/b", "TCP/80").Allowed);
    }

    [Fact]
    public void EndPort_is_included()
    {
        var cluster = Cluster().Policy("x/p", "{'podSelector':{},'ingress':[{'ports':[{'port':80,'endPort':82}]}]}");
        Assert.False(cluster.Ingress("y/a", "x/b", "TCP/79").Allowed);
        Assert.True(cluster.Ingress("y/a", "x/b", "TCP/82").Allowed);
        Assert.False(cluster.Ingress("y/a", "x/b", "TCP/83").Allowed);
    }

    [Fact]
    public void In_ingress_a_port_name_is_the_selected_pods_own()
    {
        var cluster = Cluster().Policy("x/p", "{'podSelector':{},'ingress':[{'ports':[{'port':'web'}]}]}");
        Assert.True(cluster.Ingress("y/a", "x/b", "TCP/80").Allowed);
        Assert.False(cluster.Ingress("y/a", "x/b", "UDP/81").Allowed);
        Assert.False(cluster.Ingress("y/b", "x/a", "TCP/80").Allowed);
    }

    [Fact]
    public void In_egress_a_port_name_is_each_peers_own()
    {
        var cluster = Cluster()
            .Policy(
                "x/p",
                "{'podSelector':{'matchLabels':{'app':'a'}},'policyTypes':['Egress'],'egress':[{'to':[{'namespaceSelector':{}}],'ports':[{'port':'web'}]}]}"
            );
        Assert.True(cluster.Egress("x/a", "x/b", "TCP/80").Allowed);
        Assert.False(cluster.Egress("x/a", "x/b", "TCP/81").Allowed);
        Assert.True(cluster.Egress("x/a", "y/a", "TCP/81").Allowed);
        Assert.False(cluster.Egress("x/a", "y/b", "TCP/80").Allowed);
    }

    [Fact]
    public void A_port_name_matches_no_destination_without_a_pod()
    {
        var cluster = Cluster()
            .Policy("x/p", "{'podSelector':{},'policyTypes':['Egress'],'egress':[{'ports':[{'port':'web'}]}]}");
        Assert.False(cluster.Egress("x/a", World, "TCP/80").Allowed);
        Assert.True(cluster.Egress("x/a", "x/b", "TCP/80").Allowed);
    }

    [Fact]
    public void A_port_name_to_an_ipBlock_is_resolved_by_the_pods_inside()
    {
        var cluster = Cluster()
            .Policy(
                "x/p",
                "{'podSelector':{},'policyTypes':['Egress'],'egress':[{'to':[{'ipBlock':{'cidr':'10.244.0.0/24'}}],'ports':[{'port':'web'}]}]}"
            );
        Assert.True(cluster.Egress("x/a", "y/a", "TCP/81").Allowed);
        Assert.False(cluster.Egress("x/a", "y/b", "TCP/81").Allowed);
        Assert.False(cluster.Egress("x/a", "10.244.0.200", "TCP/81").Allowed);
    }

    [Fact]
    public void An_ipBlock_matches_pods_by_their_addresses()
    {
        var cluster = Cluster()
            .Pod("y/far", ip: "10.99.0.1")
            .Policy("x/p", "{'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'10.99.0.1/32'}}]}]}");
        Assert.True(cluster.Ingress("y/far", "x/a").Allowed);
        Assert.False(cluster.Ingress("y/a", "x/a").Allowed);
    }

    [Fact]
    public void Except_cuts_only_from_its_own_peer()
    {
        var cluster = Cluster()
            .Policy(
                "x/p",
                "{'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'198.51.100.0/24','except':['198.51.100.0/28']}}]}]}"
            );
        Assert.False(cluster.Ingress(World, "x/a").Allowed);
        Assert.True(cluster.Ingress("198.51.100.16", "x/a").Allowed);
        cluster.Policy("x/q", "{'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'198.51.100.9/32'}}]}]}");
        Assert.True(cluster.Ingress(World, "x/a").Allowed);
    }

    [Fact]
    public void An_ipBlock_of_one_family_never_matches_the_other()
    {
        var cluster = Cluster()
            .Policy("x/p", "{'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'0.0.0.0/0'}}]}]}")
            .Policy("y/p", "{'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'::/0'}}]}]}");
        Assert.True(cluster.Ingress(World, "x/a").Allowed);
        Assert.False(cluster.Ingress("2001:db8::1", "x/a").Allowed);
        Assert.True(cluster.Ingress("2001:db8::1", "y/a").Allowed);
        Assert.False(cluster.Ingress(World, "y/a").Allowed);
    }

    [Fact]
    public void An_ipBlock_with_host_bits_means_its_network() =>
        Assert.True(
            Cluster()
                .Policy("x/p", "{'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'198.51.100.77/24'}}]}]}")
                .Ingress(World, "x/a")
                .Allowed
        );

    [Fact]
    public void Policies_add_up()
    {
        var cluster = Cluster()
            .Policy("x/deny", "{'podSelector':{}}")
            .Policy("x/allow", "{'podSelector':{'matchLabels':{'app':'b'}},'ingress':[{}]}");
        Assert.True(cluster.Ingress("y/a", "x/b").Allowed);
        Assert.False(cluster.Ingress("y/a", "x/a").Allowed);
    }

    [Fact]
    public void A_deleted_policy_isolates_no_more()
    {
        var cluster = Cluster().Policy("x/deny", "{'podSelector':{}}");
        Assert.False(cluster.Ingress("y/a", "x/a").Allowed);
        Assert.True(cluster.DeletePolicy("x/deny").Ingress("y/a", "x/a").Allowed);
    }

    [Fact]
    public void A_pod_that_gets_other_labels_is_judged_by_them()
    {
        var cluster = Cluster()
            .Policy("x/p", "{'podSelector':{},'ingress':[{'from':[{'podSelector':{'matchLabels':{'app':'a'}}}]}]}");
        Assert.True(cluster.Ingress("x/a", "x/b").Allowed);
        Assert.False(cluster.Pod("x/a", "app=other").Ingress("x/a", "x/b").Allowed);
    }

    [Fact]
    public void A_verdict_names_the_rule_that_allows()
    {
        var verdict = Cluster()
            .Policy("x/p", "{'podSelector':{},'ingress':[{'ports':[{'port':81}]},{'ports':[{'port':80}]}]}")
            .Ingress("y/a", "x/a");
        Assert.Equal("x/p ingress[1]", verdict.By!.ToString());
    }

    [Fact]
    public void A_denial_names_every_policy_that_isolates_the_pod()
    {
        var verdict = Cluster()
            .Policy("x/p", "{'podSelector':{}}")
            .Policy("x/q", "{'podSelector':{},'ingress':[{'ports':[{'port':1}]}]}")
            .Policy("x/egress", "{'podSelector':{},'policyTypes':['Egress']}")
            .Ingress("y/a", "x/a");
        Assert.Null(verdict.By);
        Assert.Equal(["x/p", "x/q"], verdict.IsolatedBy.Select(policy => policy.ToString()));
    }

    [Fact]
    public void Pods_that_the_same_policies_select_share_one_set()
    {
        var cluster = Cluster()
            .Pod("x/c", "app=c")
            .Policy("x/p", "{'podSelector':{},'ingress':[{'ports':[{'port':80}]}]}");
        Assert.Same(cluster.SetOf("x/a"), cluster.SetOf("x/c"));
    }

    [Fact]
    public void Pods_that_resolve_a_port_name_differently_share_no_set()
    {
        var cluster = Cluster()
            .Pod("x/c", "app=c", "web:TCP:8080")
            .Policy("x/p", "{'podSelector':{},'ingress':[{'ports':[{'port':'web'}]}]}");
        Assert.NotEqual(cluster.SetOf("x/b").Key, cluster.SetOf("x/c").Key);
    }

    [Theory]
    [InlineData(
        "{'from':[{'ipBlock':{'cidr':'nonsense'}}]}",
        "ingress[0].from[0].ipBlock.cidr: \"nonsense\" is not a prefix"
    )]
    [InlineData(
        "{'from':[{'ipBlock':{'cidr':'0.0.0.0/0','except':['x']}}]}",
        "ingress[0].from[0].ipBlock.except: \"x\" is not"
    )]
    [InlineData("{'from':[{}]}", "ingress[0].from[0]: names no peer")]
    [InlineData(
        "{'from':[{'podSelector':{},'ipBlock':{'cidr':'0.0.0.0/0'}}]}",
        "ingress[0].from[0]: ipBlock stands alone"
    )]
    [InlineData(
        "{'from':[{'podSelector':{'matchExpressions':[{'key':'a','operator':'Near'}]}}]}",
        "podSelector: \"Near\" is not one of"
    )]
    [InlineData(
        "{'from':[{'podSelector':{'matchExpressions':[{'key':'a','operator':'NotIn'}]}}]}",
        "NotIn of \"a\" needs values"
    )]
    [InlineData("{'ports':[{'protocol':'ICMP'}]}", "ports[0].protocol: \"ICMP\" is not one of TCP, UDP, SCTP")]
    [InlineData("{'ports':[{'port':80,'endPort':79}]}", "ports[0]: ports 80 to 79 are not a range")]
    [InlineData("{'ports':[{'port':0}]}", "ports[0]: ports 0 to 0 are not a range")]
    [InlineData("{'ports':[{'port':65536}]}", "ports[0]: ports 65536 to 65536 are not a range")]
    [InlineData("{'ports':[{'endPort':80}]}", "ports[0].endPort: a range needs a port")]
    [InlineData("{'ports':[{'port':'web','endPort':80}]}", "ports[0].endPort: a range begins at a number")]
    public void What_makes_no_sense_opens_nothing_and_is_reported(string rule, string problem)
    {
        var cluster = Cluster().Policy("x/p", $"{{'podSelector':{{}},'ingress':[{rule}]}}");
        Assert.Contains(problem, Assert.Single(cluster.Problems), StringComparison.Ordinal);
        Assert.False(cluster.Ingress("x/a", "x/b").Allowed);
        Assert.False(cluster.Ingress(World, "x/b").Allowed);
    }

    [Fact]
    public void An_exception_outside_of_its_prefix_is_reported_and_cuts_nothing()
    {
        var cluster = Cluster()
            .Policy(
                "x/p",
                "{'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'198.51.100.0/24','except':['10.0.0.0/8']}}]}]}"
            );
        Assert.Contains(
            "10.0.0.0/8 is not inside of 198.51.100.0/24",
            Assert.Single(cluster.Problems),
            StringComparison.Ordinal
        );
        Assert.True(cluster.Ingress(World, "x/a").Allowed);
    }

    [Fact]
    public void A_policy_whose_podSelector_makes_no_sense_closes_all_that_it_could_mean()
    {
        var cluster = Cluster()
            .Policy("x/p", "{'podSelector':{'matchExpressions':[{'key':'a','operator':'Near'}]},'ingress':[{}]}");
        Assert.False(cluster.Ingress("x/a", "x/b").Allowed);
        Assert.Contains("podSelector: \"Near\"", Assert.Single(cluster.Problems), StringComparison.Ordinal);
    }
}
