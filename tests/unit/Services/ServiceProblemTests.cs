using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services;

namespace Weft.Tests.Unit.Services;

/// <summary>What cannot work is named, and stops nothing else.</summary>
public sealed class ServiceProblemTests
{
    private const string ToExternalIP = ServiceWorld.ExternalIP + ":80";

    private readonly ServiceWorld world = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_two_Services_with_one_external_IP_and_port_the_older_has_it_whichever_came_first(bool olderFirst)
    {
        var older = Claim("older", "10.96.0.20", age: 9);
        var younger = Claim("a-younger", "10.96.0.21", age: 1);
        (older, younger) = olderFirst ? (older, younger) : (younger, older);
        world.Set(older.Service, older.Slice);
        world.Set(younger.Service, younger.Slice);
        Assert.Equal("test/older", Owner(ToExternalIP));
        var problem = Assert.Single(world.Engine.Problems);
        Assert.Equal(("test/a-younger", "AddressTaken"), ($"{problem.Service}", problem.Reason));
        Assert.Contains("test/older", problem.Message, StringComparison.Ordinal);
        Assert.Equal("REJECT", world.Flow("pod", "10.96.0.21:80"));
    }

    [Fact]
    public void The_loser_gets_the_address_when_the_winner_goes_and_both_are_in_the_update()
    {
        var older = Claim("older", "10.96.0.20", age: 9);
        var younger = Claim("younger", "10.96.0.21", age: 1);
        world.Set(younger.Service, younger.Slice);
        world.Set(older.Service, older.Slice);
        world.Engine.RemoveService(new ObjectKey("test", "older"));
        var update = world.Engine.Update();
        Assert.Equal("test/younger", Owner(ToExternalIP));
        Assert.Empty(world.Engine.Problems);
        var change = Assert
            .Single(update.Services, change => change.Service.Name == "younger")
            .Frontends.Single(frontend => frontend.Key == ServiceWorld.Parse(ToExternalIP));
        Assert.Equal(("older", "younger"), (change.Old!.Port.Service.Name, change.New!.Port.Service.Name));
        Assert.Empty(Assert.Single(update.Services, change => change.Service.Name == "younger").Problems!);
    }

    [Fact]
    public void Of_two_Services_of_one_age_the_first_by_name_has_the_address()
    {
        world.Set(Claim("b", "10.96.0.20", 1).Service);
        world.Set(Claim("a", "10.96.0.21", 1).Service);
        Assert.Equal("test/a", Owner(ToExternalIP));
    }

    [Fact]
    public void An_external_IP_does_not_take_another_Services_ClusterIP_however_old()
    {
        world.Set(
            ServiceWorld.Service(
                ServiceWorld.Spec(clusterIP: "10.96.0.66") with
                {
                    ExternalIPs = [ServiceWorld.ClusterIP],
                },
                "thief",
                age: 9
            )
        );
        world.Set(ServiceWorld.Service(ServiceWorld.Spec()));
        Assert.Equal("test/web", Owner(ServiceWorld.ClusterIP + ":80"));
        Assert.Equal(["AddressTaken"], world.Problems());
    }

    [Fact]
    public void A_Services_own_external_IP_does_not_open_its_load_balancer_IP_to_all()
    {
        world.Set(
            ServiceWorld.Service(
                ServiceWorld.Everywhere() with
                {
                    ExternalIPs = [ServiceWorld.LoadBalancerIP],
                    LoadBalancerSourceRanges = ["192.0.2.0/24"],
                }
            ),
            ServiceWorld.Slice([ServiceWorld.Here1])
        );
        Assert.Equal("DROP", world.Flow("external", ServiceWorld.LoadBalancerIP + ":80"));
        Assert.Empty(world.Problems());
    }

    [Fact]
    public void The_same_external_IP_with_other_ports_is_shared()
    {
        world.Set(Claim("older", "10.96.0.20", 9).Service);
        var spec = ServiceWorld.Spec(clusterIP: "10.96.0.21") with
        {
            ExternalIPs = [ServiceWorld.ExternalIP],
            Ports = [ServiceWorld.Port("http", 81)],
        };
        world.Set(ServiceWorld.Service(spec, "younger"));
        Assert.Equal("test/younger", Owner(ServiceWorld.ExternalIP + ":81"));
        Assert.Empty(world.Problems());
    }

    [Fact]
    public void Addresses_of_a_family_that_the_cluster_lacks_are_left_out()
    {
        world.Engine.Set(ServiceWorld.Here with { HasIPv6 = false });
        world.Set(
            ServiceWorld.Service(ServiceWorld.Spec() with { ClusterIPs = [ServiceWorld.ClusterIP, "fd00:96::10"] }),
            ServiceWorld.Slice([ServiceWorld.Here1])
        );
        Assert.Equal(["WrongAddressFamily"], world.Problems());
        Assert.Equal("10.0.1.1", world.Flow("pod", ServiceWorld.ClusterIP + ":80"));
        Assert.Null(world.Engine.Find(ServiceWorld.Parse("[fd00:96::10]:80")));
        world.Engine.Set(ServiceWorld.Here);
        world.Engine.Update();
        Assert.Empty(world.Problems());
    }

    [Fact]
    public void An_external_IP_of_a_family_without_a_ClusterIP_is_left_out()
    {
        world.Set(ServiceWorld.Service(ServiceWorld.Spec() with { ExternalIPs = ["2001:db8::1"] }));
        Assert.Equal(["WrongAddressFamily"], world.Problems());
    }

    [Theory]
    [InlineData("256.0.0.1")]
    [InlineData("example.org")]
    public void An_external_IP_that_is_no_address_is_left_out(string text)
    {
        world.Set(
            ServiceWorld.Service(ServiceWorld.Spec() with { ExternalIPs = [text, ServiceWorld.ExternalIP] }),
            ServiceWorld.Slice([ServiceWorld.Here1])
        );
        Assert.Equal(["InvalidAddress"], world.Problems());
        Assert.Equal("10.0.1.1 masq", world.Flow("external", ToExternalIP));
    }

    [Theory]
    [InlineData(new[] { "everybody" }, "DROP")]
    [InlineData(new[] { "everybody", "203.0.113.0/24" }, "10.0.1.1 masq")]
    public void An_invalid_source_range_lets_nobody_in(string[] ranges, string expected)
    {
        world.Set(
            ServiceWorld.Service(ServiceWorld.Everywhere() with { LoadBalancerSourceRanges = ranges }),
            ServiceWorld.Slice([ServiceWorld.Here1])
        );
        Assert.Equal(["InvalidSourceRange"], world.Problems());
        Assert.Equal(expected, world.Flow("external", ServiceWorld.LoadBalancerIP + ":80"));
    }

    [Theory]
    [InlineData("NodePort")]
    [InlineData("LoadBalancer")]
    public void A_NodePort_of_0_is_left_out(string type)
    {
        world.Set(
            ServiceWorld.Service(ServiceWorld.Spec(type) with { Ports = [ServiceWorld.Port("http", 80, 0)] }),
            ServiceWorld.Slice([ServiceWorld.Here1])
        );
        Assert.Equal(["NoNodePort"], world.Problems());
        Assert.Equal("10.0.1.1", world.Flow("pod", ServiceWorld.ClusterIP + ":80"));
        Assert.Equal("none", world.Flow("external", ServiceWorld.NodeAddress + ":0"));
    }

    [Fact]
    public void A_health_check_without_a_port_is_named()
    {
        world.Set(ServiceWorld.Service(ServiceWorld.Everywhere("Local") with { HealthCheckNodePort = 0 }));
        Assert.Equal(["NoHealthCheckNodePort"], world.Problems());
    }

    [Fact]
    public void Ports_that_no_API_server_lets_through_are_left_out()
    {
        world.Set(
            ServiceWorld.Service(
                ServiceWorld.Spec() with
                {
                    Ports =
                    [
                        ServiceWorld.Port("http", 80),
                        ServiceWorld.Port("again", 80),
                        ServiceWorld.Port("zero", 0),
                        ServiceWorld.Port("icmp", 1, protocol: "ICMP"),
                    ],
                }
            ),
            ServiceWorld.Slice([ServiceWorld.Here1])
        );
        Assert.Equal(["DuplicatePort", "InvalidPort", "InvalidPort"], world.Problems());
        Assert.Equal("10.0.1.1", world.Flow("pod", ServiceWorld.ClusterIP + ":80"));
    }

    [Fact]
    public void An_endpoint_that_is_no_address_of_its_slices_family_is_left_out()
    {
        world.Set(
            ServiceWorld.Service(ServiceWorld.Spec()),
            ServiceWorld.Slice([ServiceWorld.Here1, ServiceWorld.Endpoint("fd00::1", "here")])
        );
        Assert.Equal(["InvalidEndpoint"], world.Problems());
        Assert.Equal("10.0.1.1", world.Flow("pod", ServiceWorld.ClusterIP + ":80"));
    }

    [Fact]
    public void Without_numbers_left_what_is_new_is_left_out()
    {
        var engine = new ServiceEngine(ServiceWorld.Here, new(1), new(2));
        engine.Set(ServiceWorld.Service(ServiceWorld.Spec()));
        engine.Set(
            ServiceWorld.Slice([ServiceWorld.Here1, ServiceWorld.There1, ServiceWorld.Endpoint("10.0.3.1", "far")])
        );
        engine.Set(ServiceWorld.Service(ServiceWorld.Spec(clusterIP: "10.96.0.11"), "z"));
        engine.Update();
        Assert.Equal(["TooManyBackends", "TooManyServices"], engine.Problems.Select(problem => problem.Reason).Order());
        Assert.Equal(
            2,
            engine.Find(ServiceWorld.Parse(ServiceWorld.ClusterIP + ":80"))!.FromInside.Backends.Backends.Count
        );
    }

    private static (Service Service, EndpointSlice Slice) Claim(string name, string clusterIP, int age) =>
        (
            ServiceWorld.Service(
                ServiceWorld.Spec(clusterIP: clusterIP) with
                {
                    ExternalIPs = [ServiceWorld.ExternalIP],
                },
                name,
                age: age
            ),
            ServiceWorld.Slice([], name)
        );

    private string Owner(string key) => $"{world.Engine.Find(ServiceWorld.Parse(key))!.Port.Service}";
}
