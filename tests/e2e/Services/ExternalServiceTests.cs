using System.Net;
using System.Net.Sockets;
using Weft.Lab;
using Weft.Lab.Probes;
using Weft.Netlink;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>Services for clients outside of the cluster, whose packets the nodes translate; in both routing modes.</summary>
public abstract class ExternalServiceTests
{
    // Routed to node 1 by the network outside.
    private static readonly IPAddress[] Balanced = [IPAddress.Parse("203.0.113.10"), IPAddress.Parse("fd00:5e::10")];
    private static readonly IPAddress[] External = [IPAddress.Parse("203.0.113.20"), IPAddress.Parse("fd00:5e::20")];
    private readonly ServiceLab lab;

    private protected ExternalServiceTests(ServiceLab lab) => this.lab = lab;

    public static TheoryData<ProtocolType, int> ProtocolsAndFamilies => SocketServiceTests.ProtocolsAndFamilies;

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void A_node_port_of_either_node_leads_to_every_endpoint(ProtocolType protocol, int family)
    {
        lab.Service("cluster", "both", "NodePort");
        var port = lab.NodePortOf("cluster", protocol);
        ServiceLab.ReachesAll(() => lab.FromOutside(protocol, Node(1, family), port), "web-1", "web-2");
        ServiceLab.ReachesAll(() => lab.FromOutside(protocol, Node(2, family), port), "web-1", "web-2");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void With_the_policy_Local_each_node_leads_to_its_own_endpoints_and_one_without_gives_no_answer(
        ProtocolType protocol,
        int family
    )
    {
        const string Local = """{"externalTrafficPolicy": "Local"}""";
        lab.Service("local-both", "both", "NodePort", Local);
        var port = lab.NodePortOf("local-both", protocol);
        ServiceLab.ReachesAll(() => lab.FromOutside(protocol, Node(1, family), port), "web-1");
        ServiceLab.ReachesAll(() => lab.FromOutside(protocol, Node(2, family), port), "web-2");

        lab.Service(
            "local-one",
            "",
            "NodePort",
            """{"externalTrafficPolicy": "Local", "selector": {"pod": "web-2"}}"""
        );
        port = lab.NodePortOf("local-one", protocol);
        ServiceLab.ReachesAll(() => lab.FromOutside(protocol, Node(2, family), port), "web-2");
        Assert.Equal("no answer", lab.FromOutside(protocol, Node(1, family), port).Problem);
        // What is of the node is not bound by it.
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", protocol, Node(1, family), port), "web-2");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void Source_ranges_are_about_the_load_balancers_address_and_not_about_node_ports(
        ProtocolType protocol,
        int family
    )
    {
        LoadBalancer("ranged", """{"loadBalancerSourceRanges": ["192.0.2.1/32", "fd00:c0::1/128"]}""");
        ServiceLab.ReachesAll(() => lab.FromOutside(protocol, Balanced[family]), "web-1", "web-2");
        LoadBalancer("ranged", """{"loadBalancerSourceRanges": ["198.18.0.0/15", "2001:db8:1::/48"]}""");
        ServiceLab.Eventually(
            () => lab.FromOutside(protocol, Balanced[family]),
            answer => answer.Problem == "no answer"
        );
        var port = lab.NodePortOf("ranged", protocol);
        ServiceLab.ReachesAll(() => lab.FromOutside(protocol, Node(1, family), port), "web-1", "web-2");
        lab.Kubectl("delete", "service", "ranged");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void An_external_IP_leads_to_every_endpoint(ProtocolType protocol, int family)
    {
        lab.Service("external", "both", more: $$"""{"externalIPs": ["{{External[0]}}", "{{External[1]}}"]}""");
        ServiceLab.ReachesAll(() => lab.FromOutside(protocol, External[family]), "web-1", "web-2");
        ServiceLab.ReachesAll(() => lab.FromPod("client-2", protocol, External[family]), "web-1", "web-2");
    }

    [Fact]
    public void A_client_with_affinity_keeps_its_endpoint_through_whichever_node_it_comes()
    {
        lab.Service("sticky", "both", "NodePort", """{"sessionAffinity": "ClientIP"}""");
        var port = lab.NodePortOf("sticky", ProtocolType.Tcp);
        ServiceLab.Eventually(() => lab.FromOutside(ProtocolType.Tcp, Node(1, 0), port), answer => answer.Ok);
        ServiceLab.Eventually(() => lab.FromOutside(ProtocolType.Tcp, Node(2, 0), port), answer => answer.Ok);
        var kept = lab.FromOutside(ProtocolType.Tcp, Node(1, 0), port).SeenAs;
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(kept, lab.FromOutside(ProtocolType.Tcp, Node(1 + (i % 2), 0), port).SeenAs);
        }
    }

    [Fact]
    public void Without_endpoints_a_client_is_refused()
    {
        lab.Service("nobody", "nobody", "NodePort");
        foreach (var protocol in new[] { ProtocolType.Tcp, ProtocolType.Udp })
        {
            var port = lab.NodePortOf("nobody", protocol);
            ServiceLab.Eventually(
                () => lab.FromOutside(protocol, Node(1, 0), port),
                answer => answer.Problem?.Contains("refused", StringComparison.Ordinal) == true
            );
        }
    }

    [Fact]
    public void A_health_check_says_which_node_has_endpoints()
    {
        LoadBalancer("healthy", """{"externalTrafficPolicy": "Local", "selector": {"pod": "web-1"}}""");
        ServiceLab.Eventually(
            () => lab.FromOutside(ProtocolType.Tcp, Balanced[0]),
            answer => answer is { Ok: true, SeenAs: "web-1" }
        );
        var there = lab.HealthOf("healthy", Node(1, 0));
        Assert.StartsWith("HTTP/1.1 200 ", there, StringComparison.Ordinal);
        Assert.Contains("\"localEndpoints\":1", there, StringComparison.Ordinal);
        ServiceLab.Eventually(
            () =>
                new ProbeResult(
                    lab.HealthOf("healthy", Node(2, 0)).StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal),
                    null,
                    [],
                    null
                ),
            answer => answer.Ok
        );
        lab.Kubectl("delete", "service", "healthy");
    }

    [Fact]
    public void A_policy_judges_a_client_outside_by_its_own_address_where_the_endpoint_is_on_the_node_it_came_to()
    {
        lab.Apply(ServicePods.Server("judged", 1, app: "judged"));
        lab.Service("judged", "judged", "NodePort");
        var port = lab.NodePortOf("judged", ProtocolType.Tcp);
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, Node(1, 0), port), "judged");
        Allow("192.0.2.99/32");
        ServiceLab.Eventually(
            () => lab.FromOutside(ProtocolType.Tcp, Node(1, 0), port),
            answer => answer.Problem == "no answer"
        );
        Allow("192.0.2.1/32");
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, Node(1, 0), port), "judged");

        void Allow(string cidr) =>
            lab.Apply(
                $$"""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: judge, namespace: svc}
                spec:
                  podSelector: {matchLabels: {app: judged} }
                  ingress: [{from: [{ipBlock: {cidr: {{cidr}} } }]}]
                """
            );
    }

    private static IPAddress Node(int number, int family) => AddressPlan.OfNode(number)[family].Address.ToIPAddress();

    /// <summary>A Service whose addresses somebody has allotted.</summary>
    private void LoadBalancer(string name, string more)
    {
        lab.Service(name, "both", "LoadBalancer", more);
        lab.Kubectl(
            "patch",
            "service",
            name,
            "--subresource=status",
            "--type=merge",
            "-p",
            $$"""{"status": {"loadBalancer": {"ingress": [{"ip": "{{Balanced[0]}}"}, {"ip": "{{Balanced[1]}}"}]} } }"""
        );
    }

    /// <summary>A lab whose network sends what load balancers would have to node 1.</summary>
    public abstract class Fixture : IDisposable
    {
        private protected Fixture(string routing)
        {
            Lab = new ServiceLab(routing);
            using var outside = NetworkNamespace.Open($"{Lab.Lab.Directory}/netns/outside");
            outside.Run(() =>
            {
                WeftCommand.Run("ip", ["route", "add", "203.0.113.0/24", "via", $"{Node(1, 0)}"]).Succeeded();
                WeftCommand.Run("ip", ["-6", "route", "add", "fd00:5e::/64", "via", $"{Node(1, 1)}"]).Succeeded();
            });
        }

        internal ServiceLab Lab { get; }

        public void Dispose()
        {
            Lab.Dispose();
            GC.SuppressFinalize(this);
        }
    }
}

[Collection(typeof(MachineWide))]
public sealed class ExternalServicesByVxlanTests(ExternalServicesByVxlanTests.Vxlan fixture)
    : ExternalServiceTests(fixture.Lab),
        IClassFixture<ExternalServicesByVxlanTests.Vxlan>
{
    public sealed class Vxlan() : Fixture("vxlan");
}

[Collection(typeof(MachineWide))]
public sealed class ExternalServicesNativeTests(ExternalServicesNativeTests.Native fixture)
    : ExternalServiceTests(fixture.Lab),
        IClassFixture<ExternalServicesNativeTests.Native>
{
    public sealed class Native() : Fixture("native");
}
