using System.Text.RegularExpressions;
using Weft.Cli;

namespace Weft.Tests.Unit.Cli;

/// <summary>What the documentation says to type is what `weft` understands.</summary>
public sealed partial class GuideCommandTests
{
    public static TheoryData<string, string> Commands =>
        [
            .. from page in Repository.Files("*.md")
            from block in Block().Matches(Repository.Read(page))
            from command in Command().Matches(block.Value)
            select (page, command.Groups[1].Value.TrimEnd()),
        ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_of_the_documentation_is_one_that_there_is(string page, string command)
    {
        Assert.NotEmpty(page);
        // A word for any file stands for one that there is.
        Assert.Empty(Root.Create().Parse(command.Replace("FILE", "/dev/null", StringComparison.Ordinal)).Errors);
    }

    [GeneratedRegex("^```[a-z]*\n.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    /// <summary>Without the comment behind it.</summary>
    [GeneratedRegex("^weft ([^#\n]+)", RegexOptions.Multiline)]
    private static partial Regex Command();
}
