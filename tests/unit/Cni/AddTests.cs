using Weft.Contracts;
using Weft.Netlink;

namespace Weft.Tests.Cni;

public sealed class AddTests
{
    [Fact]
    public void The_agent_learns_who_asks_and_gets_the_namespace_itself()
    {
        using var agent = FakeAgent.ThatAdds();
        PluginRun.Of("ADD", agent).Succeeded();

        var request = agent.Request!;
        Assert.Equal(AgentVerb.Add, request.Verb);
        Assert.Equal("weft", request.Network);
        Assert.Equal(new AttachmentId("c0ffee", "eth0"), request.Id);
        Assert.Equal("/proc/self/ns/net", request.Netns);
        using var own = NetworkNamespace.Current();
        Assert.Equal(own.Inode, agent.Namespace);
        Assert.Null(request.Pod);
        Assert.Null(request.RequestedIps);
        Assert.Null(request.RequestedMac);
    }

    [Theory]
    [InlineData("K8S_POD_NAMESPACE=ns;K8S_POD_NAME=p;K8S_POD_INFRA_CONTAINER_ID=c;K8S_POD_UID=u;IgnoreUnknown=1")]
    [InlineData("IgnoreUnknown=true;FOO=bar;K8S_POD_UID=u;K8S_POD_NAME=p;K8S_POD_NAMESPACE=ns")]
    [InlineData("FOO=a=b;K8S_POD_UID=u;K8S_POD_NAME=p;K8S_POD_NAMESPACE=ns;IgnoreUnknown=TRUE;")]
    public void The_pod_is_found_in_args_of_any_order(string args)
    {
        using var agent = FakeAgent.ThatAdds();
        Run(agent, args).Succeeded();
        Assert.Equal(new PodReference("ns", "p", "u"), agent.Request!.Pod);
    }

    [Fact]
    public void Requested_addresses_of_all_three_places_add_up()
    {
        using var agent = FakeAgent.ThatAdds();
        Run(
                agent,
                "IP=10.0.0.1,fd00::1",
                ("args", """{"cni":{"ips":["10.0.0.2","10.0.0.1"],"labels":[]}}"""),
                ("runtimeConfig", """{"ips":["10.0.0.3/24","FD00:0::1/64"]}""")
            )
            .Succeeded();
        Assert.Equal(["10.0.0.1", "fd00::1", "10.0.0.2", "10.0.0.3"], agent.Request!.RequestedIps);
    }

    [Theory]
    [InlineData(null, null, "02:00:00:00:00:0a")]
    [InlineData("02:00:00:00:00:0B", null, "02:00:00:00:00:0b")]
    [InlineData("02:00:00:00:00:0b", "02:00:00:00:00:0c", "02:00:00:00:00:0c")]
    public void A_capability_s_MAC_wins_over_args_and_these_over_the_environment(
        string? args,
        string? capability,
        string expected
    )
    {
        using var agent = FakeAgent.ThatAdds();
        Run(
                agent,
                "MAC=02:00:00:00:00:0A",
                ("args", args is null ? null : $$$"""{"cni":{"mac":"{{{args}}}"}}"""),
                ("runtimeConfig", capability is null ? null : $$"""{"mac":"{{capability}}"}""")
            )
            .Succeeded();
        Assert.Equal(expected, agent.Request!.RequestedMac);
    }

    [Fact]
    public void Ports_of_the_node_that_are_to_lead_to_the_pod_are_a_capability()
    {
        using var agent = FakeAgent.ThatAdds();
        PluginRun
            .Of(
                "ADD",
                agent,
                (
                    "runtimeConfig",
                    """
                    {"portMappings":[
                        {"hostPort":8080,"containerPort":80,"protocol":"tcp","hostIP":""},
                        {"hostPort":53,"containerPort":5353,"protocol":"UDP","hostIP":"fd00:0::1"},
                        {"hostPort":81,"containerPort":81},
                        {"hostPort":0,"containerPort":82},
                        {"containerPort":83}]}
                    """
                )
            )
            .Succeeded();
        Assert.Equal(
            [
                new PortMapping(null, 8080, 80, "TCP"),
                new PortMapping("fd00::1", 53, 5353, "UDP"),
                new PortMapping(null, 81, 81, "TCP"),
            ],
            agent.Request!.PortMappings
        );
    }

    [Theory]
    [InlineData("""{"hostPort":80}""", "lacks \"containerPort\"")]
    [InlineData("""{"hostPort":65536,"containerPort":80}""", "is not a port")]
    [InlineData("""{"hostPort":80,"containerPort":-1}""", "is not a port")]
    [InlineData("""{"hostPort":80,"containerPort":80,"protocol":"icmp"}""", "is not tcp, udp or sctp")]
    [InlineData("""{"hostPort":80,"containerPort":80,"hostIP":"localhost"}""", "is not an IP address")]
    public void A_mapping_that_makes_no_sense_is_refused(string mapping, string complaint)
    {
        using var agent = FakeAgent.ThatAdds();
        var error = PluginRun.Of("ADD", agent, ("runtimeConfig", $$"""{"portMappings":[{{mapping}}]}""")).Error;
        Assert.Equal(CniErrorCode.InvalidConfig, error.Code);
        Assert.Contains("runtimeConfig.portMappings[0]", error.Message, StringComparison.Ordinal);
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("capabilities", """{"portMappings":true}""")]
    [InlineData("runtimeConfig", """{"bandwidth":{"ingressRate":1}}""")]
    [InlineData("ipam", "{}")]
    [InlineData("ipam", "null")]
    [InlineData("ipMasq", "false")]
    [InlineData("dns", "null")]
    [InlineData("prevResult", "null")]
    [InlineData("disableCheck", "true")]
    [InlineData("disableGC", "true")]
    [InlineData("loadOnlyInlinedPlugins", "true")]
    [InlineData("cni.dev/anything", "[1]")]
    [InlineData("type", "null")]
    public void Keys_of_the_spec_that_ask_nothing_of_us_pass(string key, string json)
    {
        using var agent = FakeAgent.ThatAdds();
        PluginRun.Of("ADD", agent, (key, json)).Succeeded();
    }

    [Theory]
    [InlineData("1")]
    [InlineData("TRUE")]
    [InlineData("true")]
    public void The_plugins_own_namespace_is_taken_when_it_is_meant(string value)
    {
        using var agent = FakeAgent.ThatAdds();
        var environment = MalformedInputTable.Environment("ADD", ("CNI_NETNS_OVERRIDE", value));
        PluginRun.Of(environment, MalformedInputTable.Config(agent.Setting)).Succeeded();
    }

    [Fact]
    public void CNI_PATH_is_not_needed_for_we_call_no_plugin()
    {
        using var agent = FakeAgent.ThatAdds();
        var environment = MalformedInputTable.Environment("ADD", ("CNI_PATH", null));
        PluginRun.Of(environment, MalformedInputTable.Config(agent.Setting)).Succeeded();
    }

    [Fact]
    public void The_agents_refusal_is_the_runtimes_error()
    {
        using var agent = FakeAgent.ThatRefuses(CniErrorCode.AlreadyExists, "eth0 is there", "by someone else");
        var run = PluginRun.Of("ADD", agent);
        Assert.Equal((100, "eth0 is there", "1.1.0"), run.Error);
        Assert.Equal("by someone else", run.Json.GetProperty("details").GetString());
    }

    [Fact]
    public void With_no_agent_the_runtime_may_try_later_and_learns_where_it_was_looked_for()
    {
        var run = PluginRun.Of(MalformedInputTable.Environment("ADD"), MalformedInputTable.Config());
        Assert.Equal(CniErrorCode.TryAgainLater, run.Error.Code);
        Assert.Contains(
            "/nonexistent/agent.sock: connect: No such file or directory",
            run.Error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_agent_that_dies_before_it_answers_is_an_agent_that_is_down()
    {
        using var agent = new FakeAgent(null);
        Assert.Equal(CniErrorCode.TryAgainLater, PluginRun.Of("ADD", agent).Error.Code);
    }

    [Fact]
    public void An_answer_without_an_attachment_is_the_agents_fault()
    {
        using var agent = FakeAgent.ThatAgrees();
        Assert.Equal(CniErrorCode.Internal, PluginRun.Of("ADD", agent).Error.Code);
    }

    private static PluginRun Run(FakeAgent agent, string args, params (string, string?)[] changes) =>
        PluginRun.Of(
            MalformedInputTable.Environment("ADD", ("CNI_ARGS", args)),
            MalformedInputTable.Config([agent.Setting, .. changes])
        );
}
