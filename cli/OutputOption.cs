using System.CommandLine;

namespace Weft.Cli;

/// <summary>-o: for people, or for programs.</summary>
internal static class OutputOption
{
    /// <param name="people">What the form for people is called.</param>
    public static Option<string> Create(string people = "text")
    {
        var output = new Option<string>("--output", "-o")
        {
            Description = $"{people} for people, or json for programs.",
            HelpName = $"{people}|json",
            DefaultValueFactory = _ => people,
        };
        output.AcceptOnlyFromAmong(people, "json");
        return output;
    }
}
