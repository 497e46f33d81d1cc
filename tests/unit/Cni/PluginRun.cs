using System.Text;
using System.Text.Json;
using Weft.Cni;

namespace Weft.Tests.Cni;

/// <summary>One call of the plugin inside the test's process, and what came out.</summary>
internal sealed record PluginRun(int ExitCode, string Output, string Complaint)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public (int Code, string Message, string Version) Error
    {
        get
        {
            Assert.Equal(1, ExitCode);
            return (
                Json.GetProperty("code").GetInt32(),
                Json.GetProperty("msg").GetString()!,
                Json.GetProperty("cniVersion").GetString()!
            );
        }
    }

    public static PluginRun Of(IReadOnlyDictionary<string, string> environment, string config) =>
        Parse(new Plugin(environment.GetValueOrDefault, () => Encoding.UTF8.GetBytes(config)).Run());

    public static PluginRun Parse(Outcome outcome) =>
        new(outcome.ExitCode, Encoding.UTF8.GetString(outcome.Output), outcome.Complaint);

    /// <summary>A verb on the good environment and configuration, with an agent.</summary>
    public static PluginRun Of(string verb, FakeAgent agent, params (string Key, string? Json)[] changes) =>
        Of(MalformedInputTable.Environment(verb), MalformedInputTable.Config([agent.Setting, .. changes]));

    public PluginRun Succeeded()
    {
        Assert.True(ExitCode == 0, Output);
        return this;
    }

    /// <summary>The verbs but ADD and VERSION print nothing.</summary>
    public void SucceededSilently() => Assert.Equal("", Succeeded().Output);
}
