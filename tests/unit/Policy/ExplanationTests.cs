using System.Text.Json;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy.Explanations;
using Weft.Policy.Rules;

namespace Weft.Tests.Unit.Policy;

/// <summary>Why a connection passes or not, by the objects.</summary>
public sealed class ExplanationTests
{
    private static readonly ConnectionEnd web = Pod("shop/web", "10.244.0.7", """{"app": "web"}""");
    private static readonly ConnectionEnd db = Pod("shop/db", "10.244.1.4", """{"app": "db"}""");

    [Fact]
    public void What_no_policy_selects_is_allowed_by_none()
    {
        var explained = Explain(web, db);
        Assert.True(explained.Passes);
        Assert.Equal(
            (SideOutcome.NotIsolated, SideOutcome.NotIsolated),
            (explained.Egress.Outcome, explained.Ingress.Outcome)
        );
    }

    [Fact]
    public void What_is_allowed_names_the_rule()
    {
        var explained = Explain(
            web,
            db,
            Policy("in", """{"podSelector": {}, "ingress": [{"ports": [{"port": 1}]}, {"ports": [{"port": 5432}]}]}""")
        );
        Assert.Equal(SideOutcome.Allowed, explained.Ingress.Outcome);
        Assert.Equal("shop/in ingress[1]", explained.Ingress.Rule?.ToString());
    }

    [Fact]
    public void What_is_denied_names_every_policy_that_could_have_allowed_it()
    {
        var explained = Explain(
            web,
            db,
            Policy("one", """{"podSelector": {}}"""),
            Policy("two", """{"podSelector": {"matchLabels": {"app": "db"}}}"""),
            Policy("other", """{"podSelector": {"matchLabels": {"app": "web"}}}""")
        );
        Assert.False(explained.Passes);
        Assert.Null(explained.Ingress.Rule);
        Assert.Equal(["shop/one", "shop/two"], explained.Ingress.IsolatedBy.Select(policy => policy.ToString()));
        Assert.Equal(SideOutcome.NotIsolated, explained.Egress.Outcome);
    }

    [Fact]
    public void A_pods_own_node_passes_and_another_does_not()
    {
        var closed = Policy("in", """{"podSelector": {}}""");
        Assert.Equal(SideOutcome.OwnNode, Explain(Address("192.0.2.11"), db, closed).Ingress.Outcome);
        Assert.Equal(SideOutcome.Denied, Explain(Address("192.0.2.12"), db, closed).Ingress.Outcome);
    }

    [Fact]
    public void A_pod_reaches_itself() =>
        Assert.Equal(SideOutcome.Itself, Explain(db, db, Policy("in", """{"podSelector": {}}""")).Ingress.Outcome);

    [Fact]
    public void A_pod_on_its_nodes_network_is_no_pod_to_policies()
    {
        var host = web with { Pod = web.Pod! with { Spec = new PodSpec { HostNetwork = true } } };
        var closed = Policy("p", """{"podSelector": {}, "policyTypes": ["Egress"]}""");
        Assert.Equal(SideOutcome.NoPod, Explain(host, db, closed).Egress.Outcome);
    }

    [Fact]
    public void What_is_audited_is_denied_and_passes()
    {
        var explained = Explain(web, db with { NamespaceAudits = true }, Policy("in", """{"podSelector": {}}"""));
        Assert.Equal(SideOutcome.Denied, explained.Ingress.Outcome);
        Assert.True(explained.Passes);
    }

    [Fact]
    public void Each_family_is_explained_by_its_addresses()
    {
        var both = db with { Addresses = [Ip.Parse("10.244.1.4"), Ip.Parse("fd00::4")] };
        var source = web with { Addresses = [Ip.Parse("10.244.0.7"), Ip.Parse("fd00::7")] };
        var v4Only = Policy(
            "in",
            """{"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [{"from": [{"ipBlock": {"cidr": "10.244.0.0/24"}}]}]}"""
        );
        Assert.Equal(
            [true, false],
            Explanation.Of([v4Only], source, both, Transport.Tcp, 5432).Select(explained => explained.Passes)
        );
    }

    private static Explanation Explain(ConnectionEnd from, ConnectionEnd to, params NetworkPolicy[] policies) =>
        Assert.Single(Explanation.Of(policies, from, to, Transport.Tcp, 5432));

    private static ConnectionEnd Address(string address) => new(address, [Ip.Parse(address)]);

    private static ConnectionEnd Pod(string name, string address, string labels) =>
        new(
            name,
            [Ip.Parse(address)],
            new Pod
            {
                Metadata = new ObjectMeta
                {
                    Namespace = name.Split('/')[0],
                    Name = name.Split('/')[1],
                    Labels = JsonSerializer.Deserialize<Dictionary<string, string>>(labels),
                },
                Status = new PodStatus { HostIP = "192.0.2.11" },
            }
        );

    private static NetworkPolicy Policy(string name, string spec) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = "shop", Name = name },
            Spec = JsonSerializer.Deserialize(spec, ObjectsJson.Default.NetworkPolicySpec),
        };
}
