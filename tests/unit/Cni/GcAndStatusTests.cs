using Weft.Contracts;

namespace Weft.Tests.Cni;

public sealed class GcAndStatusTests
{
    private const string AlsoWritten = "cni.dev/attachments";

    private static readonly Dictionary<string, string> OnlyGc = new() { ["CNI_COMMAND"] = "GC" };
    private static readonly Dictionary<string, string> OnlyStatus = new() { ["CNI_COMMAND"] = "STATUS" };

    [Fact]
    public void GC_keeps_the_union_of_both_lists()
    {
        const string Specified = """[{"containerID":"a","ifname":"eth0"},{"containerID":"b","ifname":"eth0"}]""";
        const string Other = """[{"containerID":"b","ifname":"eth0"},{"containerID":"a","ifname":"net1","more":1}]""";
        Assert.Equal(
            [new("a", "eth0"), new("b", "eth0"), new("a", "net1")],
            Kept((MalformedInputTable.Attachments, Specified), (AlsoWritten, Other))
        );
    }

    [Theory]
    [InlineData(MalformedInputTable.Attachments)]
    [InlineData(AlsoWritten)]
    public void GC_needs_but_one_of_them(string key) =>
        Assert.Equal([new("a", "eth0")], Kept((key, """[{"containerID":"a","ifname":"eth0"}]""")));

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    public void GC_with_an_empty_list_keeps_nothing(string list) =>
        Assert.Empty(Kept((MalformedInputTable.Attachments, list)));

    [Fact]
    public void GC_runs_under_keys_that_ADD_would_refuse() =>
        Assert.Empty(Kept((MalformedInputTable.Attachments, "[]"), ("unknown", "1")));

    [Fact]
    public void GC_reports_what_the_agent_could_not_remove()
    {
        using var agent = FakeAgent.ThatRefuses(CniErrorCode.KernelRefused, "2 of 3 were removed");
        var config = MalformedInputTable.Config(agent.Setting, (MalformedInputTable.Attachments, "[]"));
        Assert.Equal(103, PluginRun.Of(OnlyGc, config).Error.Code);
    }

    [Fact]
    public void GC_with_no_agent_is_for_later()
    {
        var error = PluginRun.Of(OnlyGc, MalformedInputTable.Config((MalformedInputTable.Attachments, "[]"))).Error;
        Assert.Equal(CniErrorCode.TryAgainLater, error.Code);
        Assert.Contains("agent", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void STATUS_is_fine_when_the_agent_says_so()
    {
        using var agent = FakeAgent.ThatAgrees();
        PluginRun.Of(OnlyStatus, MalformedInputTable.Config(agent.Setting)).SucceededSilently();
        Assert.Equal(AgentVerb.Status, agent.Request!.Verb);
        Assert.Equal("weft", agent.Request.Network);
    }

    [Theory]
    [InlineData(CniErrorCode.NotAvailable)]
    [InlineData(CniErrorCode.LimitedConnectivity)]
    public void STATUS_passes_the_agents_code_on(int code)
    {
        using var agent = FakeAgent.ThatRefuses(code, "no addresses left");
        Assert.Equal(
            (code, "no addresses left", "1.1.0"),
            PluginRun.Of(OnlyStatus, MalformedInputTable.Config(agent.Setting)).Error
        );
    }

    [Fact]
    public void STATUS_with_no_agent_is_not_available() =>
        Assert.Equal(CniErrorCode.NotAvailable, PluginRun.Of(OnlyStatus, MalformedInputTable.Config()).Error.Code);

    [Fact]
    public void STATUS_with_an_agent_that_dies_is_not_available()
    {
        using var agent = new FakeAgent(null);
        Assert.Equal(
            CniErrorCode.NotAvailable,
            PluginRun.Of(OnlyStatus, MalformedInputTable.Config(agent.Setting)).Error.Code
        );
    }

    private static IReadOnlyList<AttachmentId> Kept(params (string, string?)[] lists)
    {
        using var agent = FakeAgent.ThatAgrees();
        PluginRun.Of(OnlyGc, MalformedInputTable.Config([agent.Setting, .. lists])).SucceededSilently();
        Assert.Equal(AgentVerb.Gc, agent.Request!.Verb);
        return agent.Request.ValidAttachments!;
    }
}
