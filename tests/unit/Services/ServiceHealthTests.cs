using System.Text;
using Weft.Kubernetes.Objects;
using Weft.Services;

namespace Weft.Tests.Unit.Services;

/// <summary>healthCheckNodePort, as load balancers ask it.</summary>
public sealed class ServiceHealthTests
{
    public static TheoryData<string, Endpoint[], int> Counts =>
        new()
        {
            { "one here, one elsewhere", ServiceWorld.OneHereOneThere, 1 },
            { "only elsewhere", [ServiceWorld.There1], 0 },
            { "terminating here, though it is served", [ServiceWorld.Terminating("10.0.1.1", "here")], 0 },
            { "not ready here", [ServiceWorld.Endpoint("10.0.1.1", "here", ready: false)], 0 },
            { "two here", [ServiceWorld.Here1, ServiceWorld.Endpoint("10.0.1.2", "here")], 2 },
            { "none", [], 0 },
        };

    [Theory]
    [MemberData(nameof(Counts))]
    public void Ready_endpoints_of_this_node_count(string name, Endpoint[] endpoints, int expected)
    {
        var health = Assert.Single(ServiceWorld.Of(ServiceWorld.Everywhere("Local"), endpoints).Engine.HealthChecks);
        Assert.Equal((name, 32000, expected), (name, health.Port, health.LocalEndpoints));
        Assert.Equal(expected > 0 ? 200 : 503, health.Status(isAgentHealthy: true));
    }

    [Fact]
    public void Terminating_endpoints_are_served_while_the_health_check_fails()
    {
        var world = ServiceWorld.Of(ServiceWorld.Everywhere("Local"), ServiceWorld.Terminating("10.0.1.1", "here"));
        Assert.Equal("10.0.1.1", world.Flow("external", ServiceWorld.NodeAddress + ":30080"));
        Assert.Equal(503, Assert.Single(world.Engine.HealthChecks).Status(isAgentHealthy: true));
    }

    [Fact]
    public void A_pod_with_two_ports_and_two_families_is_one()
    {
        var world = new ServiceWorld();
        world.Set(
            ServiceWorld.Service(
                ServiceWorld.Everywhere("Local") with
                {
                    ClusterIPs = [ServiceWorld.ClusterIP, "fd00:96::10"],
                    Ports = [ServiceWorld.Port("http", 80, 30080), ServiceWorld.Port("admin", 81, 30081)],
                }
            ),
            ServiceWorld.Slice([ServiceWorld.Here1], name: "1"),
            ServiceWorld.Slice([ServiceWorld.Here1], name: "2", portName: "admin", port: 9090),
            ServiceWorld.Slice([ServiceWorld.Endpoint("fd00:1::1", "here")], name: "6", family: "IPv6")
        );
        Assert.Equal(1, Assert.Single(world.Engine.HealthChecks).LocalEndpoints);
    }

    [Fact]
    public void The_body_has_kube_proxys_fields() =>
        Assert.Equal(
            """{"service":{"namespace":"test","name":"web"},"localEndpoints":2,"serviceProxyHealthy":true}""",
            Encoding.UTF8.GetString(new ServiceHealth(new ObjectKey("test", "web"), 32000, 2).Body(true))
        );

    [Fact]
    public void An_agent_that_is_not_well_fails_the_check()
    {
        var health = new ServiceHealth(new ObjectKey("test", "web"), 32000, 2);
        Assert.Equal(503, health.Status(isAgentHealthy: false));
        Assert.Contains(("X-Load-Balancing-Endpoint-Weight", "2"), health.Headers);
    }

    [Fact]
    public void The_update_says_when_it_appears_changes_and_goes()
    {
        var world = new ServiceWorld();
        var appears = world.Set(ServiceWorld.Service(ServiceWorld.Everywhere("Local")));
        var changes = world.Set(ServiceWorld.Slice([ServiceWorld.Here1]));
        var goes = world.Set(ServiceWorld.Service(ServiceWorld.Everywhere()));
        Assert.Equal(
            [((int?)null, (int?)0), (0, 1), (1, null)],
            new[] { appears, changes, goes }
                .Select(update => Assert.Single(update.Services).Health!)
                .Select(health => (health.Old?.LocalEndpoints, health.New?.LocalEndpoints))
        );
    }
}
