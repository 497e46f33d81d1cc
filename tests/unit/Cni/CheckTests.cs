using System.Text.Json.Nodes;
using Weft.Contracts;
using Weft.Netlink;

namespace Weft.Tests.Cni;

public sealed class CheckTests
{
    /// <summary>The result ADD prints in a version: what a runtime gives CHECK.</summary>
    public static string AfterAdd(string version)
    {
        using var agent = FakeAgent.ThatAdds();
        return PluginRun.Of("ADD", agent, ("cniVersion", $"\"{version}\"")).Succeeded().Output;
    }

    [Theory]
    [InlineData("0.4.0", 0)]
    [InlineData("1.0.0", 0)]
    [InlineData("1.1.0", 1450)]
    public void Right_after_ADD_the_agent_is_asked_about_what_ADD_reported(string version, int mtu)
    {
        using var agent = FakeAgent.ThatAgrees();
        PluginRun
            .Of("CHECK", agent, ("cniVersion", $"\"{version}\""), ("prevResult", AfterAdd(version)))
            .SucceededSilently();
        Assert.Equal(AgentVerb.Check, agent.Request!.Verb);
        using var own = NetworkNamespace.Current();
        Assert.Equal(own.Inode, agent.Namespace);
        Assert.Equivalent(FakeAgent.Made with { Mtu = mtu }, agent.Request.Expected, strict: true);
    }

    [Fact]
    public void What_later_plugins_added_and_changed_is_tolerated()
    {
        var result = JsonNode.Parse(AfterAdd("1.1.0"))!;
        result["interfaces"]!.AsArray().Insert(0, JsonNode.Parse("""{"name":"ifb0","mac":"02:00:00:00:00:09"}"""));
        result["interfaces"]![2]!["mac"] = "02:00:00:00:00:07";
        result["ips"]![0]!["interface"] = 2;
        result["ips"]![1]!["interface"] = 0;
        result["ips"]!.AsArray().Add(JsonNode.Parse("""{"address":"192.168.0.1/24"}"""));
        result["more"] = true;

        using var agent = FakeAgent.ThatAgrees();
        PluginRun.Of("CHECK", agent, ("prevResult", result.ToJsonString())).SucceededSilently();
        var expected = agent.Request!.Expected!;
        Assert.Equal("02:00:00:00:00:07", expected.Mac);
        Assert.Equal("10.244.1.5/32", Assert.Single(expected.Addresses).Address);
        Assert.Equal(3, expected.Routes.Count);
    }

    [Fact]
    public void A_vanished_container_needs_no_cleanup()
    {
        var environment = MalformedInputTable.Environment("CHECK", ("CNI_NETNS", "/nonexistent/netns"));
        var previous = AfterAdd("1.1.0").Replace("/proc/self/ns/net", "/nonexistent/netns", StringComparison.Ordinal);
        var config = MalformedInputTable.Config(("prevResult", previous));
        Assert.Equal(CniErrorCode.UnknownContainer, PluginRun.Of(environment, config).Error.Code);
    }

    [Fact]
    public void What_the_agent_finds_is_the_runtimes_error()
    {
        using var agent = FakeAgent.ThatRefuses(CniErrorCode.CheckFailed, "eth0 lost 10.244.1.5/32");
        var error = PluginRun.Of("CHECK", agent, ("prevResult", AfterAdd("1.1.0"))).Error;
        Assert.Equal((101, "eth0 lost 10.244.1.5/32", "1.1.0"), error);
    }

    [Fact]
    public void With_no_agent_the_daemon_it_needs_is_missing()
    {
        var config = MalformedInputTable.Config(("prevResult", AfterAdd("1.1.0")));
        var error = PluginRun.Of(MalformedInputTable.Environment("CHECK"), config).Error;
        Assert.Equal(CniErrorCode.TryAgainLater, error.Code);
    }
}
