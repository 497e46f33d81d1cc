using System.Text;
using Weft.Cni;

namespace Weft.Tests.Cni;

public sealed class MalformedInputTests
{
    public static TheoryData<string> Wrongs => MalformedInputTable.Wrongs;

    [Theory]
    [MemberData(nameof(Wrongs))]
    public void Is_refused_with_its_code_and_by_name(string wrong)
    {
        var input = MalformedInputTable.All[wrong];
        var error = PluginRun.Of(input.Environment, input.Config).Error;
        Assert.Equal(input.Code, error.Code);
        Assert.All(input.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Input_that_is_not_UTF_8_is_undecodable()
    {
        var environment = MalformedInputTable.Environment("ADD");
        var latin1 = Encoding.Latin1.GetBytes(MalformedInputTable.Config(("name", "\"\u00ff\"")));
        var run = PluginRun.Parse(new Plugin(environment.GetValueOrDefault, () => latin1).Run());
        Assert.Equal(6, run.Error.Code);
        Assert.Contains("UTF-8", run.Error.Message, StringComparison.Ordinal);
    }
}
