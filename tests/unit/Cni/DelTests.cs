using Weft.Contracts;

namespace Weft.Tests.Cni;

public sealed class DelTests
{
    [Theory]
    [InlineData("/proc/self/ns/net")]
    [InlineData("/proc/self/exe")]
    [InlineData("/nonexistent/netns")]
    public void The_agent_is_told_whatever_is_at_the_netns(string netns)
    {
        using var agent = FakeAgent.ThatAgrees();
        Run(agent, netns).SucceededSilently();
        Assert.Equal(AgentVerb.Del, agent.Request!.Verb);
        Assert.Equal(new AttachmentId("c0ffee", "eth0"), agent.Request.Id);
        Assert.Equal(netns, agent.Request.Netns);
        Assert.Null(agent.Namespace);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void The_netns_may_be_left_out(string? netns)
    {
        using var agent = FakeAgent.ThatAgrees();
        Run(agent, netns).SucceededSilently();
        Assert.Null(agent.Request!.Netns);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("\"garbage\"")]
    [InlineData("""{"interfaces":5,"ips":[{}]}""")]
    public void The_previous_result_is_not_looked_at(string previous)
    {
        using var agent = FakeAgent.ThatAgrees();
        Run(agent, "", ("prevResult", previous)).SucceededSilently();
    }

    [Fact]
    public void What_ADD_would_refuse_cannot_keep_a_dead_pod()
    {
        using var agent = FakeAgent.ThatAgrees();
        Run(agent, "", ("ipam", "5"), ("dns", "5"), ("unknown", "5"), ("runtimeConfig", "5")).SucceededSilently();
    }

    [Fact]
    public void Args_are_not_looked_at()
    {
        using var agent = FakeAgent.ThatAgrees();
        var environment = MalformedInputTable.Environment("DEL", ("CNI_ARGS", "nonsense"));
        PluginRun.Of(environment, MalformedInputTable.Config(agent.Setting)).SucceededSilently();
    }

    [Fact]
    public void May_be_repeated()
    {
        using var agent = FakeAgent.ThatAgrees();
        Run(agent, "").SucceededSilently();
        Run(agent, "").SucceededSilently();
    }

    [Fact]
    public void What_the_agent_could_not_do_is_reported()
    {
        using var agent = FakeAgent.ThatRefuses(CniErrorCode.KernelRefused, "del link weft0: EPERM");
        Assert.Equal((103, "del link weft0: EPERM", "1.1.0"), Run(agent, "").Error);
    }

    private static PluginRun Run(FakeAgent agent, string? netns, params (string, string?)[] changes) =>
        PluginRun.Of(
            MalformedInputTable.Environment("DEL", ("CNI_NETNS", netns)),
            MalformedInputTable.Config([agent.Setting, .. changes])
        );
}
