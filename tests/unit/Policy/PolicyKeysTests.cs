using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;

namespace Weft.Tests.Unit.Policy;

public sealed class PolicyKeysTests
{
    [Fact]
    public void Without_policies_nothing_matters() => Assert.Equal(PodKeys.None, PolicyKeys.Of([]).For("x"));

    [Fact]
    public void The_keys_of_who_is_policed_matter_in_the_policys_namespace_only()
    {
        var keys = PolicyKeys.Of([Policy("x", new() { PodSelector = Selector("app") })]);
        Assert.Equal(["app"], keys.For("x").Labels);
        Assert.Equal(PodKeys.None, keys.For("y"));
    }

    [Fact]
    public void Every_operator_of_a_selector_names_its_key()
    {
        var selector = new LabelSelector
        {
            MatchLabels = new Dictionary<string, string> { ["a"] = "1" },
            MatchExpressions =
            [
                new()
                {
                    Key = "b",
                    Operator = "In",
                    Values = ["1"],
                },
                new()
                {
                    Key = "c",
                    Operator = "NotIn",
                    Values = ["1"],
                },
                new() { Key = "d", Operator = "Exists" },
                new() { Key = "e", Operator = "DoesNotExist" },
            ],
        };
        var keys = PolicyKeys.Of([Policy("x", new() { PodSelector = selector })]);
        Assert.Equal(["a", "b", "c", "d", "e"], keys.For("x").Labels);
    }

    [Fact]
    public void A_peer_without_a_namespace_selector_sees_the_policys_namespace()
    {
        var keys = PolicyKeys.Of([Policy("x", Ingress(new() { PodSelector = Selector("app") }))]);
        Assert.Equal(["app"], keys.For("x").Labels);
        Assert.Empty(keys.For("y").Labels);
    }

    [Fact]
    public void A_peer_with_a_namespace_selector_sees_all_namespaces()
    {
        var peer = new NetworkPolicyPeer { PodSelector = Selector("app"), NamespaceSelector = Selector("team") };
        foreach (var spec in new[] { Ingress(peer), Egress(peer) })
        {
            var keys = PolicyKeys.Of([Policy("x", spec)]).For("y");
            Assert.Equal(["app"], keys.Labels);
            Assert.Equal(["team"], keys.NamespaceLabels);
        }
    }

    [Fact]
    public void A_namespaces_name_is_no_label_that_matters_for_the_namespace_implies_it()
    {
        var peer = new NetworkPolicyPeer { NamespaceSelector = Selector("kubernetes.io/metadata.name") };
        Assert.Equal(PodKeys.None, PolicyKeys.Of([Policy("x", Ingress(peer))]).For("x"));
    }

    [Fact]
    public void A_port_name_of_ingress_is_resolved_on_the_policed_pods()
    {
        var keys = PolicyKeys.Of([
            Policy("x", new() { Ingress = [new() { Ports = [Port("http"), Port("dns", "UDP")] }] }),
        ]);
        Assert.Equal([new PortName("dns", "UDP"), new PortName("http", "TCP")], keys.For("x").Ports);
        Assert.Empty(keys.For("y").Ports);
    }

    [Fact]
    public void A_port_name_of_egress_is_resolved_on_any_pod_that_may_be_the_destination()
    {
        var own = new NetworkPolicyPeer { PodSelector = Selector("app") };
        var other = new NetworkPolicyPeer { NamespaceSelector = new LabelSelector() };
        var block = new NetworkPolicyPeer { IpBlock = new IPBlock { Cidr = "10.0.0.0/8" } };
        Assert.Empty(Of([own]));
        Assert.Single(Of([own, other]));
        Assert.Single(Of([block]));
        Assert.Single(Of([]));
        Assert.Single(Of(null));

        IReadOnlyList<PortName> Of(IReadOnlyList<NetworkPolicyPeer>? to) =>
            PolicyKeys.Of([Policy("x", new() { Egress = [new() { To = to, Ports = [Port("http")] }] })]).For("y").Ports;
    }

    [Fact]
    public void Numbers_of_ports_do_not_matter()
    {
        var numbered = new NetworkPolicyPort { Port = new IntOrString(80) };
        var keys = PolicyKeys.Of([Policy("x", new() { Ingress = [new() { Ports = [numbered, new()] }] })]);
        Assert.Equal(PodKeys.None, keys.For("x"));
    }

    [Fact]
    public void A_policy_without_a_spec_names_nothing() =>
        Assert.Equal(
            PodKeys.None,
            PolicyKeys
                .Of([
                    new NetworkPolicy
                    {
                        Metadata = new ObjectMeta { Namespace = "x", Name = "p" },
                    },
                ])
                .For("x")
        );

    internal static NetworkPolicy Policy(string ns, NetworkPolicySpec spec) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = ns, Name = "p" },
            Spec = spec,
        };

    internal static LabelSelector Selector(string key) =>
        new() { MatchExpressions = [new() { Key = key, Operator = "Exists" }] };

    private static NetworkPolicySpec Ingress(NetworkPolicyPeer peer) => new() { Ingress = [new() { From = [peer] }] };

    private static NetworkPolicySpec Egress(NetworkPolicyPeer peer) => new() { Egress = [new() { To = [peer] }] };

    private static NetworkPolicyPort Port(string name, string? protocol = null) =>
        new() { Port = new IntOrString(name), Protocol = protocol };
}
