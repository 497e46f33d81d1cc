using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Tests.Unit.Services;

/// <summary>kube-proxy's table of packet flows: who asks for what, and gets whom, masqueraded or not. A cell is a test.</summary>
public sealed class PacketFlowTests
{
    private const string All = "10.0.1.1 10.0.2.1";
    private const string AllMasq = All + " masq";
    private const string Local = "10.0.1.1";
    private const string LocalMasq = Local + " masq";
    private const string ToClusterIP = ServiceWorld.ClusterIP + ":80";
    private const string ToNodePort = ServiceWorld.NodeAddress + ":30080";
    private const string ToLoadBalancer = ServiceWorld.LoadBalancerIP + ":80";
    private const string ToExternalIP = ServiceWorld.ExternalIP + ":80";

    private static readonly Endpoint[] Both = ServiceWorld.OneHereOneThere;
    private static readonly string[] Sources = ["pod", "node", "external"];
    private static readonly string[] Destinations = [ToClusterIP, ToNodePort, ToLoadBalancer, ToExternalIP];
    private static readonly string[] Policies = ["Cluster", "Local"];

    /// <summary>Under both traffic policies.</summary>
    public static TheoryData<string, string, string> EachSourceToEachAddress =>
        [
            .. from source in Sources
            from destination in Destinations
            from policy in Policies
            select (source, destination, policy),
        ];

    [Theory]
    [InlineData("pod", All)]
    [InlineData("node", AllMasq)]
    [InlineData("external", AllMasq)]
    public void ClusterIP_gives_all_and_masquerades_whoever_is_no_pod(string source, string expected) =>
        Assert.Equal(expected, ServiceWorld.Of(ServiceWorld.Spec(), Both).Flow(source, ToClusterIP));

    [Theory]
    [InlineData("pod", ToNodePort)]
    [InlineData("pod", ToLoadBalancer)]
    [InlineData("pod", ToExternalIP)]
    [InlineData("node", ToNodePort)]
    [InlineData("node", ToLoadBalancer)]
    [InlineData("node", ToExternalIP)]
    [InlineData("external", ToNodePort)]
    [InlineData("external", ToLoadBalancer)]
    [InlineData("external", ToExternalIP)]
    public void External_address_with_policy_Cluster_gives_all_and_masquerades(string source, string destination) =>
        Assert.Equal(AllMasq, ServiceWorld.Of(ServiceWorld.Everywhere(), Both).Flow(source, destination));

    [Theory]
    [InlineData("pod", ToNodePort, All)]
    [InlineData("pod", ToLoadBalancer, All)]
    [InlineData("pod", ToExternalIP, All)]
    [InlineData("node", ToNodePort, AllMasq)]
    [InlineData("node", ToLoadBalancer, AllMasq)]
    [InlineData("node", ToExternalIP, AllMasq)]
    [InlineData("external", ToNodePort, Local)]
    [InlineData("external", ToLoadBalancer, Local)]
    [InlineData("external", ToExternalIP, Local)]
    public void External_address_with_policy_Local_is_short_circuited_inside_and_local_and_unmasqueraded_outside(
        string source,
        string destination,
        string expected
    ) => Assert.Equal(expected, ServiceWorld.Of(ServiceWorld.Everywhere("Local"), Both).Flow(source, destination));

    [Theory]
    [InlineData("pod", Local)]
    [InlineData("node", LocalMasq)]
    [InlineData("external", LocalMasq)]
    public void ClusterIP_with_internal_policy_Local_gives_local_only(string source, string expected) =>
        Assert.Equal(
            expected,
            ServiceWorld
                .Of(ServiceWorld.Spec() with { InternalTrafficPolicy = "Local" }, Both)
                .Flow(source, ToClusterIP)
        );

    [Theory]
    [InlineData("pod", ToNodePort)]
    [InlineData("pod", ToLoadBalancer)]
    [InlineData("node", ToNodePort)]
    [InlineData("node", ToLoadBalancer)]
    [InlineData("external", ToNodePort)]
    [InlineData("external", ToLoadBalancer)]
    public void Internal_policy_Local_does_not_concern_external_addresses(string source, string destination) =>
        Assert.Equal(
            AllMasq,
            ServiceWorld.Of(ServiceWorld.Everywhere(@internal: "Local"), Both).Flow(source, destination)
        );

    [Theory]
    [MemberData(nameof(EachSourceToEachAddress))]
    public void Without_any_endpoint_everything_is_refused(string source, string destination, string policy) =>
        Assert.Equal("REJECT", ServiceWorld.Of(ServiceWorld.Everywhere(policy, policy)).Flow(source, destination));

    [Theory]
    [MemberData(nameof(EachSourceToEachAddress))]
    public void With_endpoints_that_neither_are_ready_nor_serve_everything_is_refused(
        string source,
        string destination,
        string policy
    ) =>
        Assert.Equal(
            "REJECT",
            ServiceWorld
                .Of(
                    ServiceWorld.Everywhere(policy, policy),
                    ServiceWorld.Endpoint("10.0.1.1", "here", ready: false),
                    ServiceWorld.Terminating("10.0.2.1", "there", serving: false)
                )
                .Flow(source, destination)
        );

    [Theory]
    [InlineData("pod")]
    [InlineData("node")]
    [InlineData("external")]
    public void Internal_policy_Local_with_endpoints_only_elsewhere_drops(string source) =>
        Assert.Equal(
            "DROP",
            ServiceWorld
                .Of(ServiceWorld.Spec() with { InternalTrafficPolicy = "Local" }, ServiceWorld.There1)
                .Flow(source, ToClusterIP)
        );

    [Theory]
    [InlineData("pod", ToNodePort, "10.0.2.1")]
    [InlineData("pod", ToLoadBalancer, "10.0.2.1")]
    [InlineData("pod", ToExternalIP, "10.0.2.1")]
    [InlineData("node", ToNodePort, "10.0.2.1 masq")]
    [InlineData("node", ToLoadBalancer, "10.0.2.1 masq")]
    [InlineData("external", ToNodePort, "DROP")]
    [InlineData("external", ToLoadBalancer, "DROP")]
    [InlineData("external", ToExternalIP, "DROP")]
    public void External_policy_Local_with_endpoints_only_elsewhere_gives_all_inside_and_drops_outside(
        string source,
        string destination,
        string expected
    ) =>
        Assert.Equal(
            expected,
            ServiceWorld.Of(ServiceWorld.Everywhere("Local"), ServiceWorld.There1).Flow(source, destination)
        );

    [Fact]
    public void A_pod_that_is_sent_to_itself_is_masqueraded()
    {
        var world = ServiceWorld.Of(ServiceWorld.Spec(), Both);
        var itself = Ip.Parse("10.0.1.1");
        var verdict = world.Engine.Judge(Weft.Services.Frontends.Source.Pod, itself, ServiceWorld.Parse(ToClusterIP))!;
        Assert.Equal([true, false], verdict.Backends.Select(backend => verdict.Masquerades(itself, backend)));
    }

    [Theory]
    [InlineData("pod", ToLoadBalancer, null, "DROP")]
    [InlineData("node", ToLoadBalancer, null, AllMasq)]
    [InlineData("external", ToLoadBalancer, null, AllMasq)]
    [InlineData("external", ToLoadBalancer, "203.0.113.77", "DROP")]
    [InlineData("external", ToNodePort, "203.0.113.77", AllMasq)]
    [InlineData("external", ToExternalIP, "203.0.113.77", AllMasq)]
    [InlineData("external", ToClusterIP, "203.0.113.77", AllMasq)]
    [InlineData("node", ToLoadBalancer, ServiceWorld.LoadBalancerIP, AllMasq)]
    public void Source_ranges_filter_the_load_balancer_address_only(
        string source,
        string destination,
        string? client,
        string expected
    ) =>
        Assert.Equal(
            expected,
            ServiceWorld
                .Of(
                    ServiceWorld.Everywhere() with
                    {
                        LoadBalancerSourceRanges = ["203.0.113.0/28", " 192.168.0.0/24 "],
                    },
                    Both
                )
                .Flow(source, destination, client)
        );

    [Fact]
    public void A_node_outside_of_the_source_ranges_is_not_admitted_by_the_load_balancers_address_either() =>
        Assert.Equal(
            "DROP",
            ServiceWorld
                .Of(ServiceWorld.Everywhere() with { LoadBalancerSourceRanges = ["203.0.113.0/28"] }, Both)
                .Flow("node", ToLoadBalancer, ServiceWorld.LoadBalancerIP)
        );

    [Fact]
    public void Source_ranges_of_a_Service_without_endpoints_do_not_hide_the_refusal() =>
        Assert.Equal(
            "REJECT",
            ServiceWorld
                .Of(ServiceWorld.Everywhere() with { LoadBalancerSourceRanges = ["192.0.2.0/24"] })
                .Flow("external", ToLoadBalancer)
        );

    [Theory]
    [InlineData(ToClusterIP + "/UDP", "REJECT")]
    [InlineData(ServiceWorld.ClusterIP + ":81", "REJECT")]
    [InlineData(ToNodePort + "/UDP", "none")]
    [InlineData(ToLoadBalancer + "/UDP", "none")]
    public void Another_port_or_protocol_of_a_known_ClusterIP_is_refused(string destination, string expected) =>
        Assert.Equal(expected, ServiceWorld.Of(ServiceWorld.Everywhere(), Both).Flow("pod", destination));

    [Theory]
    [InlineData("10.96.7.7:80", "DROP")]
    [InlineData("[fd00:96::77]:80", "DROP")]
    [InlineData("10.97.0.1:80", "none")]
    public void An_address_of_the_service_ranges_that_no_Service_has_drops(string destination, string expected) =>
        Assert.Equal(expected, ServiceWorld.Of(ServiceWorld.Spec(), Both).Flow("pod", destination));

    [Theory]
    [InlineData("192.168.0.2:30080", AllMasq)]
    [InlineData("192.168.0.3:30080", "none")]
    public void NodePorts_are_served_on_the_addresses_for_them_only(string destination, string expected)
    {
        var world = ServiceWorld.Of(ServiceWorld.Spec("NodePort"), Both);
        world.Engine.Set(
            ServiceWorld.Here with
            {
                Addresses = [Ip.Parse("192.168.0.2"), Ip.Parse("192.168.0.3")],
                NodePortAddresses = [Ip.Parse("192.168.0.2")],
            }
        );
        world.Engine.Update();
        Assert.Equal(expected, world.Flow("external", destination));
        Assert.Equal("none", world.Flow("external", ToNodePort));
    }

    [Fact]
    public void A_load_balancer_address_with_ipMode_Proxy_is_not_short_circuited()
    {
        var world = new ServiceWorld();
        world.Set(ServiceWorld.Service(ServiceWorld.Everywhere(), ipMode: "Proxy"), ServiceWorld.Slice(Both));
        Assert.Equal("none", world.Flow("pod", ToLoadBalancer));
        Assert.Equal(AllMasq, world.Flow("external", ToNodePort));
    }

    [Theory]
    [InlineData("pod", ToClusterIP, "10.0.1.2 10.0.2.2")]
    [InlineData("pod", ToLoadBalancer, "10.0.1.2 10.0.2.2")]
    [InlineData("external", ToLoadBalancer, "10.0.1.2")]
    public void With_only_terminating_endpoints_that_serve_those_are_used(
        string source,
        string destination,
        string expected
    ) =>
        Assert.Equal(
            expected,
            ServiceWorld
                .Of(
                    ServiceWorld.Everywhere("Local"),
                    ServiceWorld.Endpoint("10.0.1.1", "here", ready: false),
                    ServiceWorld.Terminating("10.0.1.2", "here"),
                    ServiceWorld.Terminating("10.0.2.2", "there"),
                    ServiceWorld.Terminating("10.0.2.3", "there", serving: false)
                )
                .Flow(source, destination)
        );
}
