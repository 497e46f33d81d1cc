using Weft.Kubernetes.Objects;
using Weft.Services;
using Weft.Services.Changes;

namespace Weft.Tests.Unit.Services;

/// <summary>kube-proxy's rules for conntrack entries: which UDP flows must find a new backend.</summary>
public sealed class UdpFlowsTests
{
    private const string Old = "10.0.1.1:8080/UDP";
    private static readonly string[] Ways =
    [
        ServiceWorld.ClusterIP + ":80/UDP",
        ServiceWorld.NodeAddress + ":30080/UDP",
        ServiceWorld.LoadBalancerIP + ":80/UDP",
        ServiceWorld.ExternalIP + ":80/UDP",
    ];

    private readonly ServiceWorld world = new();

    public UdpFlowsTests() => Set(ServiceWorld.Here1);

    public static TheoryData<string> Frontends => [.. Ways];

    [Theory]
    [MemberData(nameof(Frontends))]
    public void A_flow_to_an_endpoint_that_serves_goes_on(string frontend) => Assert.False(MustEnd(frontend));

    [Theory]
    [MemberData(nameof(Frontends))]
    public void A_flow_to_an_endpoint_that_is_gone_ends(string frontend)
    {
        var update = Set(ServiceWorld.There1);
        Assert.True(MustEnd(frontend));
        Assert.Contains(ServiceWorld.Parse(frontend), Assert.Single(update.Services).Revisit);
    }

    [Fact]
    public void A_flow_to_an_endpoint_that_is_not_ready_any_more_ends()
    {
        Set(ServiceWorld.Endpoint("10.0.1.1", "here", ready: false), ServiceWorld.There1);
        Assert.True(MustEnd(Ways[0]));
    }

    [Fact]
    public void A_flow_to_an_endpoint_that_terminates_and_serves_goes_on()
    {
        var update = Set(ServiceWorld.Terminating("10.0.1.1", "here"), ServiceWorld.There1);
        Assert.False(MustEnd(Ways[0]));
        Assert.Empty(Assert.Single(update.Services).Revisit);
    }

    [Fact]
    public void While_there_is_no_endpoint_a_flow_is_left_and_ends_when_there_is_one()
    {
        Set();
        Assert.False(MustEnd(Ways[0]));
        var update = Set(ServiceWorld.There1);
        Assert.True(MustEnd(Ways[0]));
        Assert.Contains(ServiceWorld.Parse(Ways[0]), Assert.Single(update.Services).Revisit);
    }

    [Fact]
    public void A_target_port_that_changes_ends_flows_to_the_old_one()
    {
        world.Set(ServiceWorld.Slice([ServiceWorld.Here1], port: 9090, protocol: "UDP"));
        Assert.True(MustEnd(Ways[0]));
    }

    [Fact]
    public void Traffic_policies_end_no_flow()
    {
        Set(ServiceWorld.Here1, ServiceWorld.There1);
        world.Set(Service(ServiceWorld.Everywhere("Local", "Local")));
        Assert.False(world.Engine.MustEnd(ServiceWorld.Parse(Ways[1]), ServiceWorld.Parse("10.0.2.1:8080/UDP")));
    }

    [Fact]
    public void Hints_end_no_flow()
    {
        Set(
            ServiceWorld.Endpoint("10.0.1.1", "here", zones: ["b"]),
            ServiceWorld.Endpoint("10.0.2.1", "there", zones: ["a"])
        );
        Assert.Equal("10.0.2.1", world.Flow("pod", Ways[0]));
        Assert.False(MustEnd(Ways[0]));
    }

    [Fact]
    public void A_Service_that_is_gone_ends_no_flow()
    {
        world.Engine.RemoveService(new ObjectKey("test", "web"));
        world.Engine.Update();
        Assert.False(MustEnd(Ways[0]));
    }

    [Fact]
    public void TCP_flows_are_never_ended()
    {
        var tcp = ServiceWorld.Of(ServiceWorld.Spec(), ServiceWorld.There1);
        Assert.False(
            tcp.Engine.MustEnd(ServiceWorld.Parse(ServiceWorld.ClusterIP + ":80"), ServiceWorld.Parse("10.0.1.1:8080"))
        );
    }

    [Fact]
    public void The_rule_alone_looks_at_nothing_but_who_serves()
    {
        var backend = ServiceWorld.Parse(Old);
        Assert.False(UdpFlows.MustEnd(new HashSet<TransportAddress>(), backend));
        Assert.False(UdpFlows.MustEnd(new HashSet<TransportAddress> { backend }, backend));
        Assert.True(UdpFlows.MustEnd(new HashSet<TransportAddress> { backend with { Port = 1 } }, backend));
    }

    private static Service Service(ServiceSpec spec) =>
        ServiceWorld.Service(spec with { Ports = [ServiceWorld.Port("http", 80, 30080, "UDP")] });

    private bool MustEnd(string frontend) =>
        world.Engine.MustEnd(ServiceWorld.Parse(frontend), ServiceWorld.Parse(Old));

    private ServiceUpdate Set(params Endpoint[] endpoints) =>
        world.Set(Service(ServiceWorld.Everywhere()), ServiceWorld.Slice(endpoints, protocol: "UDP"));
}
