using Weft.Cli.Completion;

namespace Weft.Tests.Unit.Cli;

public sealed class CompletedLineTests
{
    [Theory]
    [InlineData("[suggest:8]", "weft sta", "[suggest:8]", "weft sta")]
    [InlineData("[suggest:18]", "/usr/bin/weft poli", "[suggest:9]", "weft poli")]
    [InlineData("[suggest:16]", "kubectl-weft sta and more", "[suggest:8]", "weft sta and more")]
    [InlineData("[suggest]", "kubectl-weft sta", "[suggest:8]", "weft sta")]
    [InlineData("[suggest:12]", "kubectl-weft", "[suggest:4]", "weft")]
    public void A_line_has_the_programs_own_name(string directive, string line, string ownDirective, string ownLine) =>
        Assert.Equal([ownDirective, ownLine], CompletedLine.WithName([directive, line], "weft"));

    [Fact]
    public void What_is_no_question_of_a_shell_stays() =>
        Assert.Equal(["policy", "check"], CompletedLine.WithName(["policy", "check"], "weft"));
}
