namespace Weft.Tests.Cni;

public sealed class VersionTests
{
    private static readonly Dictionary<string, string> OnlyCommand = new() { ["CNI_COMMAND"] = "VERSION" };

    [Theory]
    [InlineData("""{"cniVersion":"1.1.0"}""", "1.1.0")]
    [InlineData("""{"cniVersion":"0.3.1"}""", "0.3.1")]
    [InlineData("{}", "1.1.0")]
    [InlineData("", "1.1.0")]
    public void VERSION_needs_only_the_command_and_answers_in_the_version_asked(string config, string expected)
    {
        var answer = PluginRun.Of(OnlyCommand, config).Succeeded().Json;
        Assert.Equal(expected, answer.GetProperty("cniVersion").GetString());
        Assert.Equal(
            ["0.3.1", "0.4.0", "1.0.0", "1.1.0"],
            answer.GetProperty("supportedVersions").EnumerateArray().Select(v => v.GetString())
        );
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_a_command_it_says_what_it_is_on_standard_error(string? command)
    {
        var environment = MalformedInputTable.Environment("ADD", ("CNI_COMMAND", command));
        var run = PluginRun.Of(environment, "").Succeeded();
        Assert.Equal("", run.Output);
        Assert.Contains("weft-cni", run.Complaint, StringComparison.Ordinal);
        Assert.Contains("0.3.1, 0.4.0, 1.0.0, 1.1.0", run.Complaint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.3.1")]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    [InlineData("1.1.0")]
    public void An_error_is_in_the_configurations_version(string version)
    {
        var config = MalformedInputTable.Config(("cniVersion", $"\"{version}\""), ("name", null));
        Assert.Equal(version, PluginRun.Of(MalformedInputTable.Environment("ADD"), config).Error.Version);
    }

    [Fact]
    public void An_error_before_the_version_is_known_is_in_the_newest() =>
        Assert.Equal("1.1.0", PluginRun.Of(MalformedInputTable.Environment("FROB"), "").Error.Version);

    [Theory]
    [InlineData("ADD", "0.3.1")]
    [InlineData("DEL", "0.3.1")]
    [InlineData("CHECK", "0.4.0")]
    [InlineData("STATUS", "1.1.0")]
    [InlineData("GC", "1.1.0")]
    public void A_verb_is_served_from_the_version_that_brought_it(string verb, string version)
    {
        using var agent = FakeAgent.ThatAdds();
        PluginRun
            .Of(
                verb,
                agent,
                ("cniVersion", $"\"{version}\""),
                (MalformedInputTable.Attachments, verb == "GC" ? "[]" : null),
                ("prevResult", verb == "CHECK" ? CheckTests.AfterAdd(version) : null)
            )
            .Succeeded();
    }
}
