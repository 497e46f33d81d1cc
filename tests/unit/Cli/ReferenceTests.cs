using System.CommandLine;
using System.CommandLine.Help;
using System.Text;
using Weft.Cli;
using Weft.Tests.Unit.Structure;

namespace Weft.Tests.Unit.Cli;

/// <summary>docs/cli.md lists the commands and options that there are, in the words of their --help.</summary>
public sealed class ReferenceTests
{
    private const string Page = "docs/cli.md";
    private const string Mark = "## Commands\n";

    [Fact]
    public void The_list_of_commands_is_that_of_the_program()
    {
        var page = Repository.Read(Page);
        var written = page[..(page.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)] + List();
        if (Environment.GetEnvironmentVariable("WEFT_WRITE_GOLDEN") is "1")
        {
            File.WriteAllText(Path.Combine(Repository.Root, Page), written);
        }

        Assert.True(page == written, $"{Page} is not what the program says: write it anew with WEFT_WRITE_GOLDEN=1");
    }

    [Fact]
    public void Every_command_that_shows_something_can_show_it_to_programs()
    {
        string[] others = ["sysdump", "completion", "verdicts"];
        var showing = Leaves(Root.Create(), "")
            .Where(leaf => !leaf.Path.StartsWith("lab ", StringComparison.Ordinal) || leaf.Path == "lab status")
            .Where(leaf => !leaf.Path.StartsWith("probe ", StringComparison.Ordinal))
            .Where(leaf => !others.Contains(leaf.Command.Name));
        Assert.All(showing, leaf => Assert.Contains(leaf.Command.Options, option => option.Name == "--output"));
    }

    private static string List()
    {
        var text = new StringBuilder();
        foreach (var (path, command) in Leaves(Root.Create(), ""))
        {
            var arguments = string.Concat(command.Arguments.Select(argument => $" {argument.Name}"));
            text.Append($"\n### weft {path}{arguments}\n\n{command.Description!.Trim()}\n");
            var rows = command
                .Arguments.Select(argument => (argument.Name, argument.Description))
                .Concat(Options(command).Select(option => (Title(option), option.Description)))
                .ToList();
            if (rows.Count > 0)
            {
                text.Append("\n| | |\n|---|---|\n");
            }

            foreach (var (name, description) in rows)
            {
                text.Append($"| `{name.Replace("|", "\\|", StringComparison.Ordinal)}` | {description} |\n");
            }
        }

        return text.ToString();
    }

    /// <summary>Its own, and those that the commands above it give to all below.</summary>
    private static IEnumerable<Option> Options(Command command)
    {
        IEnumerable<Option> options = command.Options;
        for (var above = Parent(command); above is not null; above = Parent(above))
        {
            options = options.Concat(above.Options.Where(option => option.Recursive));
        }

        return options.Where(option => !option.Hidden && option is not (HelpOption or VersionOption));
    }

    private static Command? Parent(Command command) => command.Parents.OfType<Command>().FirstOrDefault();

    private static string Title(Option option) =>
        string.Join(", ", option.Aliases.Prepend(option.Name)) + (option.HelpName is { } value ? $" {value}" : "");

    private static IEnumerable<(string Path, Command Command)> Leaves(Command command, string path) =>
        command.Subcommands.Any(child => !child.Hidden)
            ? command
                .Subcommands.Where(child => !child.Hidden)
                .SelectMany(child => Leaves(child, $"{path} {child.Name}".Trim()))
            : [(path, command)];
}
