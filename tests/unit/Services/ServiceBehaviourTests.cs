using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services.Frontends;

namespace Weft.Tests.Unit.Services;

/// <summary>What Kubernetes' own end-to-end tests expect of Services, as far as it is worked out here.</summary>
public sealed class ServiceBehaviourTests
{
    private const string ToClusterIP = ServiceWorld.ClusterIP + ":80";
    private const string ToNodePort = ServiceWorld.NodeAddress + ":30080";

    private readonly ServiceWorld world = new();

    [Fact]
    public void Each_port_reaches_its_own_target_port()
    {
        Set(
            ServiceWorld.Spec() with
            {
                Ports = [ServiceWorld.Port("http", 80), ServiceWorld.Port("admin", 81)],
            },
            ServiceWorld.Slice([ServiceWorld.Here1]) with
            {
                Ports =
                [
                    new EndpointPort { Name = "http", Port = 8080 },
                    new EndpointPort { Name = "admin", Port = 9090 },
                ],
            }
        );
        Assert.Equal([8080], Ports(ToClusterIP));
        Assert.Equal([9090], Ports(ServiceWorld.ClusterIP + ":81"));
    }

    [Fact]
    public void A_named_target_port_may_have_another_number_on_each_endpoint()
    {
        Set(
            ServiceWorld.Spec(),
            ServiceWorld.Slice([ServiceWorld.Here1], name: "1", port: 8080),
            ServiceWorld.Slice([ServiceWorld.There1], name: "2", port: 9090)
        );
        Assert.Equal([8080, 9090], Ports(ToClusterIP));
    }

    [Fact]
    public void An_old_port_stops_when_ports_change()
    {
        Set(ServiceWorld.Spec(), ServiceWorld.Slice([ServiceWorld.Here1]));
        Set(ServiceWorld.Spec() with { Ports = [ServiceWorld.Port("http", 8000)] });
        Assert.Equal("REJECT", world.Flow("pod", ToClusterIP));
        Assert.Equal("10.0.1.1", world.Flow("pod", ServiceWorld.ClusterIP + ":8000"));
    }

    [Fact]
    public void A_Service_that_is_made_again_works_as_before()
    {
        Set(ServiceWorld.Spec(), ServiceWorld.Slice([ServiceWorld.Here1]));
        world.Engine.RemoveService(new ObjectKey("test", "web"));
        world.Engine.Update();
        Assert.Equal("DROP", world.Flow("pod", ToClusterIP));
        Set(ServiceWorld.Spec());
        Assert.Equal("10.0.1.1", world.Flow("pod", ToClusterIP));
    }

    [Theory]
    [InlineData(ServiceWorld.NodeAddress)]
    [InlineData("192.168.0.2")]
    public void A_NodePort_works_on_every_address_of_the_node(string address)
    {
        world.Engine.Set(
            ServiceWorld.Here with
            {
                Addresses = [Ip.Parse("192.168.0.1"), Ip.Parse("192.168.0.2")],
                NodePortAddresses = [Ip.Parse("192.168.0.1"), Ip.Parse("192.168.0.2")],
            }
        );
        Set(ServiceWorld.Spec("NodePort"), ServiceWorld.Slice([ServiceWorld.Here1]));
        Assert.Equal("10.0.1.1 masq", world.Flow("external", address + ":30080"));
    }

    [Fact]
    public void An_external_IP_need_not_be_an_address_of_the_node()
    {
        Set(
            ServiceWorld.Spec() with
            {
                ExternalIPs = [ServiceWorld.ExternalIP],
            },
            ServiceWorld.Slice([ServiceWorld.Here1])
        );
        Assert.Equal("10.0.1.1 masq", world.Flow("external", ServiceWorld.ExternalIP + ":80"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/UDP")]
    public void One_port_with_two_protocols_has_independent_endpoints(string protocol)
    {
        Set(
            ServiceWorld.Spec("NodePort") with
            {
                Ports =
                [
                    ServiceWorld.Port("tcp", 80, 30080),
                    ServiceWorld.Port("udp", 80, 30080, "UDP"),
                    ServiceWorld.Port("sctp", 80, 30080, "SCTP"),
                ],
            },
            ServiceWorld.Slice([ServiceWorld.Here1], name: "1", portName: "tcp"),
            ServiceWorld.Slice([ServiceWorld.There1], name: "2", portName: "udp", protocol: "UDP")
        );
        var expected = protocol.Length == 0 ? "10.0.1.1" : "10.0.2.1";
        Assert.Equal(expected, world.Flow("pod", ToClusterIP + protocol));
        Assert.Equal(expected + " masq", world.Flow("external", ToNodePort + protocol));
        Assert.Equal("REJECT", world.Flow("pod", ToClusterIP + "/SCTP"));
    }

    [Fact]
    public void A_type_that_changes_to_ExternalName_and_back_acts_live()
    {
        Set(ServiceWorld.Spec("NodePort"), ServiceWorld.Slice([ServiceWorld.Here1]));
        Set(new ServiceSpec { Type = "ExternalName", ExternalName = "example.org" });
        Assert.Equal("DROP", world.Flow("pod", ToClusterIP));
        Assert.Equal("none", world.Flow("external", ToNodePort));
        Set(ServiceWorld.Spec());
        Assert.Equal("10.0.1.1", world.Flow("pod", ToClusterIP));
        Assert.Equal("none", world.Flow("external", ToNodePort));
    }

    [Fact]
    public void An_ExternalName_Service_that_kept_its_ClusterIP_is_not_served()
    {
        Set(ServiceWorld.Spec("ExternalName"), ServiceWorld.Slice([ServiceWorld.Here1]));
        Assert.Equal("DROP", world.Flow("pod", ToClusterIP));
    }

    [Theory]
    [InlineData(true, "10.0.1.1")]
    [InlineData(false, "REJECT")]
    public void Endpoints_that_are_published_although_not_ready_are_used(bool publish, string expected)
    {
        // The slice's author turns publishNotReadyAddresses into ready.
        Set(
            ServiceWorld.Spec("NodePort") with
            {
                PublishNotReadyAddresses = publish,
            },
            ServiceWorld.Slice([
                ServiceWorld.Endpoint("10.0.1.1", "here", publish, serving: false, terminating: publish),
            ])
        );
        Assert.Equal(expected, world.Flow("pod", ToClusterIP));
        Assert.Equal(publish ? expected + " masq" : expected, world.Flow("external", ToNodePort));
    }

    [Fact]
    public void Affinity_is_of_the_port_and_switches_live()
    {
        Set(ServiceWorld.Everywhere(), ServiceWorld.Slice([ServiceWorld.Here1]));
        Assert.Equal([0u], Frontends().Select(frontend => frontend.AffinitySeconds).Distinct());
        Set(ServiceWorld.Everywhere() with { SessionAffinity = "ClientIP" });
        Assert.Equal([10800u], Frontends().Select(frontend => frontend.AffinitySeconds).Distinct());
        Assert.Single(Frontends().Select(frontend => frontend.Number).Distinct());
        Set(ServiceWorld.Everywhere() with { SessionAffinity = "None" });
        Assert.Equal([0u], Frontends().Select(frontend => frontend.AffinitySeconds).Distinct());
    }

    [Fact]
    public void Affinity_lasts_as_long_as_the_Service_says()
    {
        Set(
            ServiceWorld.Spec() with
            {
                SessionAffinity = "ClientIP",
                SessionAffinityConfig = new SessionAffinityConfig
                {
                    ClientIP = new ClientIPConfig { TimeoutSeconds = 5 },
                },
            }
        );
        Assert.Equal(5u, world.Engine.Find(ServiceWorld.Parse(ToClusterIP))!.AffinitySeconds);
    }

    [Theory]
    [InlineData("service.kubernetes.io/service-proxy-name")]
    [InlineData("service.kubernetes.io/headless")]
    public void A_label_that_leaves_the_Service_to_others_acts_live(string label)
    {
        Set(ServiceWorld.Spec(), ServiceWorld.Slice([ServiceWorld.Here1]));
        world.Set(ServiceWorld.Service(ServiceWorld.Spec(), labels: new() { [label] = "other" }));
        Assert.Empty(world.Engine.Frontends);
        Set(ServiceWorld.Spec());
        Assert.Equal("10.0.1.1", world.Flow("pod", ToClusterIP));
    }

    [Theory]
    [InlineData("None")]
    [InlineData("")]
    public void A_Service_without_a_ClusterIP_has_no_datapath(string clusterIP)
    {
        Set(ServiceWorld.Spec(clusterIP: clusterIP), ServiceWorld.Slice([ServiceWorld.Here1]));
        Assert.Empty(world.Engine.Frontends);
        Assert.Empty(world.Engine.Problems);
    }

    [Fact]
    public void A_Service_whose_last_endpoint_goes_refuses()
    {
        Set(ServiceWorld.Spec(), ServiceWorld.Slice([ServiceWorld.Here1]));
        world.Set(ServiceWorld.Slice([]));
        Assert.Equal("REJECT", world.Flow("pod", ToClusterIP));
    }

    [Fact]
    public void External_policy_that_changes_to_Local_and_back_acts_live_with_the_health_check()
    {
        Set(ServiceWorld.Everywhere(), ServiceWorld.Slice([ServiceWorld.There1]));
        Assert.Empty(world.Engine.HealthChecks);
        Set(ServiceWorld.Everywhere("Local"));
        Assert.Equal("DROP", world.Flow("external", ToNodePort));
        Assert.Equal("10.0.2.1 masq", world.Flow("node", ToNodePort));
        Assert.Single(world.Engine.HealthChecks);
        Set(ServiceWorld.Everywhere());
        Assert.Equal("10.0.2.1 masq", world.Flow("external", ToNodePort));
        Assert.Empty(world.Engine.HealthChecks);
    }

    [Fact]
    public void A_load_balancer_works_without_allocated_NodePorts()
    {
        Set(
            ServiceWorld.Spec("LoadBalancer") with
            {
                AllocateLoadBalancerNodePorts = false,
                Ports = [ServiceWorld.Port("http", 80)],
            },
            ServiceWorld.Slice([ServiceWorld.Here1])
        );
        Assert.Equal("10.0.1.1 masq", world.Flow("external", ServiceWorld.LoadBalancerIP + ":80"));
        Assert.Empty(world.Problems());
    }

    [Theory]
    [InlineData("203.0.113.5/32", "10.0.1.1 masq", "DROP")]
    [InlineData("0.0.0.0/0", "10.0.1.1 masq", "10.0.1.1 masq")]
    [InlineData("192.0.2.1/32", "DROP", "DROP")]
    public void Source_ranges_let_in_whom_they_name(string range, string named, string other)
    {
        Set(
            ServiceWorld.Everywhere() with
            {
                LoadBalancerSourceRanges = [range],
            },
            ServiceWorld.Slice([ServiceWorld.Here1])
        );
        const string To = ServiceWorld.LoadBalancerIP + ":80";
        Assert.Equal(named, world.Flow("external", To));
        Assert.Equal(other, world.Flow("external", To, "203.0.113.6"));
        Set(ServiceWorld.Everywhere());
        Assert.Equal("10.0.1.1 masq", world.Flow("external", To, "203.0.113.6"));
    }

    [Fact]
    public void A_preferred_endpoint_that_goes_is_replaced_by_the_others()
    {
        Endpoint[] endpoints =
        [
            ServiceWorld.Endpoint("10.0.1.1", "here", zones: ["a"], nodes: ["here"]),
            ServiceWorld.Endpoint("10.0.2.1", "there", zones: ["a"], nodes: ["there"]),
            ServiceWorld.Endpoint("10.0.3.1", "far", zones: ["b"], nodes: ["far"]),
        ];
        Set(ServiceWorld.Spec() with { TrafficDistribution = "PreferSameNode" }, ServiceWorld.Slice(endpoints));
        Assert.Equal("10.0.1.1", world.Flow("pod", ToClusterIP));
        world.Set(ServiceWorld.Slice(endpoints[1..]));
        Assert.Equal("10.0.2.1", world.Flow("pod", ToClusterIP));
        world.Set(ServiceWorld.Slice(endpoints[2..]));
        Assert.Equal("10.0.3.1", world.Flow("pod", ToClusterIP));
    }

    [Fact]
    public void TrafficDistribution_without_hints_changes_nothing()
    {
        Set(
            ServiceWorld.Spec() with
            {
                TrafficDistribution = "PreferSameNode",
            },
            ServiceWorld.Slice(ServiceWorld.OneHereOneThere)
        );
        Assert.Equal("10.0.1.1 10.0.2.1", world.Flow("pod", ToClusterIP));
    }

    [Theory]
    [InlineData(ServiceWorld.ClusterIP, "fd00:96::10")]
    [InlineData("fd00:96::10", ServiceWorld.ClusterIP)]
    public void A_dual_stack_Service_has_the_endpoints_of_each_family_in_either_order(string first, string second)
    {
        Set(
            ServiceWorld.Spec("NodePort", first) with
            {
                ClusterIPs = [first, second],
            },
            ServiceWorld.Slice([ServiceWorld.Here1], name: "4"),
            ServiceWorld.Slice([ServiceWorld.Endpoint("fd00:1::1", "here")], name: "6", family: "IPv6")
        );
        Assert.Equal("10.0.1.1", world.Flow("pod", ToClusterIP));
        Assert.Equal("fd00:1::1", world.Flow("pod", "[fd00:96::10]:80"));
        Assert.Equal("10.0.1.1 masq", world.Flow("external", ToNodePort));
        Assert.Equal("fd00:1::1 masq", world.Flow("external", "[fd00:168::1]:30080"));
    }

    [Fact]
    public void A_single_stack_Service_has_no_NodePort_in_the_other_family()
    {
        Set(ServiceWorld.Spec("NodePort"), ServiceWorld.Slice([ServiceWorld.Here1]));
        Assert.Equal("none", world.Flow("external", "[fd00:168::1]:30080"));
    }

    [Fact]
    public void Several_Services_may_share_their_endpoints()
    {
        Set(ServiceWorld.Spec(), ServiceWorld.Slice([ServiceWorld.Here1]));
        world.Set(
            ServiceWorld.Service(ServiceWorld.Spec(clusterIP: "10.96.0.11"), "web2"),
            ServiceWorld.Slice([ServiceWorld.Here1], "web2")
        );
        Assert.Equal("10.0.1.1", world.Flow("pod", ToClusterIP));
        Assert.Equal("10.0.1.1", world.Flow("pod", "10.96.0.11:80"));
        Assert.Single(
            Frontends()
                .SelectMany(frontend => frontend.FromInside.Backends.Backends)
                .Select(backend => backend.Number)
                .Distinct()
        );
    }

    [Fact]
    public void An_endpoint_in_two_slices_is_one()
    {
        Set(
            ServiceWorld.Spec(),
            ServiceWorld.Slice([ServiceWorld.Here1], name: "1"),
            ServiceWorld.Slice([ServiceWorld.Here1], name: "2")
        );
        Assert.Equal("10.0.1.1", world.Flow("pod", ToClusterIP));
    }

    [Theory]
    [InlineData("1", "2")]
    [InlineData("2", "1")]
    public void A_running_pod_wins_over_a_terminating_one_with_its_address(string running, string terminating)
    {
        Set(
            ServiceWorld.Spec(),
            ServiceWorld.Slice([ServiceWorld.Terminating("10.0.1.1", "there")], name: terminating),
            ServiceWorld.Slice([ServiceWorld.Endpoint("10.0.1.1", "here")], name: running)
        );
        var backend = Assert.Single(world.Engine.Find(ServiceWorld.Parse(ToClusterIP))!.FromInside.Backends.Backends);
        Assert.True(backend is { IsLocal: true, IsTerminating: false });
    }

    [Fact]
    public void Conditions_that_are_absent_mean_ready_and_serving()
    {
        Set(ServiceWorld.Spec(), ServiceWorld.Slice([new Endpoint { Addresses = ["10.0.1.1"], NodeName = "here" }]));
        Assert.Equal("10.0.1.1", world.Flow("pod", ToClusterIP));
    }

    [Fact]
    public void An_endpoint_without_a_node_is_not_local()
    {
        Set(
            ServiceWorld.Spec() with
            {
                InternalTrafficPolicy = "Local",
            },
            ServiceWorld.Slice([new Endpoint { Addresses = ["10.0.1.1"] }])
        );
        Assert.Equal("DROP", world.Flow("pod", ToClusterIP));
    }

    [Theory]
    [InlineData("FQDN")]
    [InlineData("IPv6")]
    public void Slices_of_other_address_types_do_not_count(string type)
    {
        Set(ServiceWorld.Spec(), ServiceWorld.Slice([ServiceWorld.Endpoint("example.org", "here")], family: type));
        Assert.Equal("REJECT", world.Flow("pod", ToClusterIP));
    }

    [Fact]
    public void Beside_kube_proxy_ClusterIPs_alone_are_served()
    {
        var world = new ServiceWorld();
        world.Engine.Set(ServiceWorld.Here with { OnlyClusterIPs = true });
        world.Set(
            ServiceWorld.Service(ServiceWorld.Everywhere(external: "Local")),
            ServiceWorld.Slice(ServiceWorld.OneHereOneThere)
        );
        Assert.Equal("10.0.1.1 10.0.2.1", world.Flow("pod", $"{ServiceWorld.ClusterIP}:80"));
        Assert.Equal("none", world.Flow("external", $"{ServiceWorld.NodeAddress}:30080"));
        Assert.Equal("none", world.Flow("external", $"{ServiceWorld.LoadBalancerIP}:80"));
        Assert.Equal("none", world.Flow("external", $"{ServiceWorld.ExternalIP}:80"));
        Assert.Empty(world.Engine.HealthChecks);
        world.Engine.Set(ServiceWorld.Here);
        world.Engine.Update();
        Assert.NotEqual("none", world.Flow("external", $"{ServiceWorld.NodeAddress}:30080"));
        Assert.Single(world.Engine.HealthChecks);
    }

    [Fact]
    public void A_slice_that_changes_its_Service_leaves_the_old_one()
    {
        Set(ServiceWorld.Spec(), ServiceWorld.Slice([ServiceWorld.Here1]));
        var slice = ServiceWorld.Slice([ServiceWorld.Here1], "other") with
        {
            Metadata = new ObjectMeta
            {
                Namespace = "test",
                Name = "web-1",
                Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "other" },
            },
        };
        world.Set(ServiceWorld.Service(ServiceWorld.Spec(clusterIP: "10.96.0.11"), "other"), slice);
        Assert.Equal("REJECT", world.Flow("pod", ToClusterIP));
        Assert.Equal("10.0.1.1", world.Flow("pod", "10.96.0.11:80"));
    }

    private IEnumerable<Frontend> Frontends() => world.Engine.Frontends.Where(frontend => !frontend.Key.IsRest);

    private void Set(ServiceSpec spec, params EndpointSlice[] slices) => world.Set(ServiceWorld.Service(spec), slices);

    private int[] Ports(string destination) =>
        [
            .. world
                .Engine.Find(ServiceWorld.Parse(destination))!
                .FromInside.Backends.Backends.Select(backend => (int)backend.Key.Port),
        ];
}
