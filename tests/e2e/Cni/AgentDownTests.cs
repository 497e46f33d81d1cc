using Weft.Contracts;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.Cni;

/// <summary>What the plugin does while the agent is away, and the agent when it comes back.</summary>
[Collection(typeof(MachineWide))]
public sealed class AgentDownTests(NodeUnderTest node) : IClassFixture<NodeUnderTest>, IDisposable
{
    private readonly NodeContents before = node.Contents();

    public void Dispose() => node.IsAsBefore(before);

    [Fact]
    public async Task STATUS_and_ADD_wait_for_an_agent_that_starts_anew()
    {
        using var pod = new Container(node);
        pod.Call("STATUS", [], []).SucceededSilently();
        node.KillAgent();
        var status = Task.Run(() => pod.Call("STATUS", [], []));
        var added = Task.Run(() => pod.Added());
        node.StartAgent();
        (await status).SucceededSilently();
        await added;
        Assert.True(pod.Works());
        pod.Del().SucceededSilently();
    }

    [Fact]
    public async Task Without_an_agent_STATUS_says_so_and_ADD_says_try_again_later_and_leaves_nothing()
    {
        using var pod = new Container(node);
        node.KillAgent();
        var status = Task.Run(() => pod.Call("STATUS", [], []));
        Assert.Equal(CniErrorCode.TryAgainLater, pod.Add().Error.Code);
        var error = (await status).Error;
        Assert.Equal(CniErrorCode.NotAvailable, error.Code);
        Assert.Contains(WeftPaths.DefaultSocket, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, pod.TryInside("ip", "link", "show", "eth0").ExitCode);
        pod.Del().SucceededSilently();
        node.StartAgent();
        Assert.Empty(node.State().Endpoints);
        pod.Call("STATUS", [], []).SucceededSilently();
        pod.Added();
        Assert.True(pod.Works());
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void CHECK_and_GC_fail_and_change_nothing()
    {
        using var pod = new Container(node).Added();
        node.KillAgent();
        Assert.NotEqual(0, pod.Check().ExitCode);
        Assert.NotEqual(0, pod.Call("GC", [], [("cni.dev/valid-attachments", "[]")]).ExitCode);
        Assert.True(pod.Works());
        node.StartAgent();
        pod.Check().SucceededSilently();
        pod.Del().SucceededSilently();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DEL_removes_the_link_and_the_agent_frees_the_rest_when_it_is_back(bool withNamespace)
    {
        using var pod = new Container(node).Added();
        using var other = new Container(node).Added();
        node.KillAgent();
        pod.Call("DEL", [("CNI_NETNS", withNamespace ? pod.NetnsPath : "")], []).SucceededSilently();
        pod.Del().SucceededSilently();
        Assert.Equal(1, pod.TryInside("ip", "link", "show", "eth0").ExitCode);
        Assert.True(other.Works());

        node.StartAgent();
        Assert.Equal([other.Id], node.State().Endpoints.Select(endpoint => endpoint.Id));
        Assert.True(node.State().Addresses.All(pool => pool is { Used: 1, Cooling: >= 1 }));
        Assert.True(other.Works());
        other.Check().SucceededSilently();
        other.Del().SucceededSilently();
    }

    [Fact]
    public void A_namespace_that_ended_meanwhile_is_noticed_at_the_start()
    {
        using var pod = new Container(node).Added();
        node.KillAgent();
        pod.DestroyNamespace();
        node.StartAgent();
        Assert.Empty(node.State().Endpoints);
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void A_pod_outlives_the_agent_with_its_addresses_and_its_result()
    {
        using var pod = new Container(node).Added();
        node.RestartAgent();
        Assert.True(pod.Works());
        pod.Check().SucceededSilently();
        Assert.Equal(CniErrorCode.AlreadyExists, pod.Add().Error.Code);
        using var other = new Container(node).Added();
        Assert.Empty(pod.Addresses.Intersect(other.Addresses));
        Assert.True(other.Reaches(pod.Addresses[0]));
        other.Del().SucceededSilently();
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void A_link_without_a_record_is_removed_at_the_start()
    {
        using var pod = new Container(node).Added();
        node.KillAgent();
        node.OnNode("rm", $"{WeftPaths.RunDirectory}/endpoints/{pod.HostInterface}.json");
        node.StartAgent();
        Assert.Equal(1, pod.TryInside("ip", "link", "show", "eth0").ExitCode);
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void A_record_that_cannot_be_read_costs_only_its_own_pod()
    {
        using var pod = new Container(node).Added();
        using var other = new Container(node).Added();
        node.KillAgent();
        var record = $"{WeftPaths.RunDirectory}/endpoints/{pod.HostInterface}.json";
        node.OnNode("sh", "-c", $"echo '{{' > {record}");
        node.StartAgent();
        Assert.Equal([other.Id], node.State().Endpoints.Select(endpoint => endpoint.Id));
        Assert.True(other.Works());
        node.OnNode("rm", $"{record}.unreadable");
        pod.Del().SucceededSilently();
        other.Del().SucceededSilently();
    }
}
