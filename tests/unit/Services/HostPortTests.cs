using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services;
using Weft.Services.HostPorts;

namespace Weft.Tests.Unit.Services;

/// <summary>core/v1 ContainerPort: hostPort and hostIP, for a pod of both families.</summary>
public sealed class HostPortTests
{
    private const string V4 = "10.0.1.1";
    private const string V6 = "fd00:244::1";
    private static readonly ObjectKey web = new("test", "web-0");
    private readonly ServiceWorld world = new();

    [Theory]
    [InlineData("external")]
    [InlineData("node")]
    [InlineData("pod")]
    public void Every_address_of_the_node_leads_to_the_pod(string source)
    {
        Set(Port());
        Assert.Equal(V4, world.Flow(source, $"{ServiceWorld.NodeAddress}:8080"));
        Assert.Equal(V6, world.Flow(source, "[fd00:168::1]:8080"));
        Assert.Equal("none", world.Flow(source, $"{ServiceWorld.NodeAddress}:8080/UDP"));
        Assert.Equal("none", world.Flow(source, $"{ServiceWorld.NodeAddress}:8081"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    public void Loopback_is_the_nodes_own_to_use(string? hostIP)
    {
        Set(Port(hostIP));
        Assert.Equal(V4, world.Flow("node", "127.0.0.1:8080"));
        Assert.Equal("none", world.Flow("pod", "127.0.0.1:8080"));
        Assert.Equal("none", world.Flow("external", "127.0.0.1:8080"));
    }

    [Fact]
    public void One_number_serves_as_many_pods_as_there_are_addresses_and_protocols()
    {
        Set(Port("127.0.0.1"));
        Set(Port(ServiceWorld.NodeAddress) with { Pod = [Ip.Parse("10.0.1.2")] }, "web-1");
        Set(Port(ServiceWorld.NodeAddress) with { Pod = [Ip.Parse("10.0.1.3")], Protocol = Transport.Udp }, "web-2");
        Assert.Equal(V4, world.Flow("node", "127.0.0.1:8080"));
        Assert.Equal("10.0.1.2", world.Flow("external", $"{ServiceWorld.NodeAddress}:8080"));
        Assert.Equal("10.0.1.3", world.Flow("external", $"{ServiceWorld.NodeAddress}:8080/UDP"));
        Assert.Empty(world.Problems());
    }

    [Theory]
    [InlineData("198.51.100.77", "no address of this node")]
    [InlineData("fd00:168::1", "no address of the hostIP's family")]
    public void A_hostIP_that_cannot_work_is_a_problem_of_the_pod(string hostIP, string why)
    {
        Set(Port(hostIP) with { Pod = [Ip.Parse(V4)] });
        var problem = Assert.Single(world.Engine.Problems);
        Assert.Equal((web, "HostPortUnusable"), (HostPort.PodOf(problem.Service), problem.Reason));
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
        Assert.Equal(
            "none",
            world.Flow("node", $"{hostIP}:8080".Replace("fd00:168::1", "[fd00:168::1]", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void A_Services_node_port_comes_first_and_the_pod_is_told()
    {
        Set(Port() with { Port = 30080 });
        world.Set(
            ServiceWorld.Service(ServiceWorld.Spec("NodePort")),
            ServiceWorld.Slice(ServiceWorld.OneHereOneThere)
        );
        Assert.StartsWith(
            "10.0.1.1 10.0.2.1",
            world.Flow("external", $"{ServiceWorld.NodeAddress}:30080"),
            StringComparison.Ordinal
        );
        var problem = Assert.Single(world.Engine.Problems);
        Assert.Equal((web, "AddressTaken"), (HostPort.PodOf(problem.Service), problem.Reason));
    }

    [Fact]
    public void Of_two_pods_that_want_one_port_one_has_it_and_the_other_gets_it_when_that_goes()
    {
        Set(Port());
        Set(Port() with { Pod = [Ip.Parse("10.0.1.2")] }, "web-1");
        Assert.Equal(V4, world.Flow("external", $"{ServiceWorld.NodeAddress}:8080"));
        Assert.Equal("test/web-1", $"{HostPort.PodOf(world.Engine.Problems.First().Service)}");
        world.Engine.Set(web, []);
        world.Engine.Update();
        Assert.Equal("10.0.1.2", world.Flow("external", $"{ServiceWorld.NodeAddress}:8080"));
        Assert.Empty(world.Problems());
    }

    [Fact]
    public void A_pod_that_goes_leaves_nothing()
    {
        Set(Port());
        world.Engine.Set(web, []);
        var update = world.Engine.Update();
        Assert.Empty(world.Engine.Frontends);
        Assert.Equal(2, update.BackendsGone.Count);
    }

    [Fact]
    public void A_new_address_of_the_node_leads_to_the_pod_too()
    {
        Set(Port());
        world.Engine.Set(
            ServiceWorld.Here with
            {
                Addresses = [.. ServiceWorld.Here.Addresses, Ip.Parse("192.168.0.2")],
            }
        );
        world.Engine.Update();
        Assert.Equal(V4, world.Flow("external", "192.168.0.2:8080"));
    }

    private void Set(HostPort port, string pod = "web-0")
    {
        world.Engine.Set(web with { Name = pod }, [port]);
        world.Engine.Update();
    }

    private static HostPort Port(string? hostIP = null) =>
        new(hostIP is null ? null : Ip.Parse(hostIP), 8080, Transport.Tcp, 80, [Ip.Parse(V4), Ip.Parse(V6)]);
}
