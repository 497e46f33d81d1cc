using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Weft.Resources.Definitions;

namespace Weft.Cli;

/// <summary>-o: for people, or for programs.</summary>
internal static class OutputOption
{
    /// <param name="people">What the form for people is called.</param>
    public static Option<string> Create(string people = "text")
    {
        var output = new Option<string>("--output", "-o")
        {
            Description = $"{people} for people; json or yaml for programs.",
            HelpName = $"{people}|json|yaml",
            DefaultValueFactory = _ => people,
        };
        output.AcceptOnlyFromAmong(people, "json", "yaml");
        return output;
    }

    /// <summary>Prints a result in the form that was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="output">Its option.</param>
    /// <param name="result">What is printed for programs.</param>
    /// <param name="json">How.</param>
    /// <param name="people">What is printed for people, without a newline at its end.</param>
    public static void Print<T>(
        this ParseResult parsed,
        Option<string> output,
        T result,
        JsonTypeInfo<T> json,
        Func<string> people
    )
    {
        switch (parsed.GetValue(output))
        {
            case "json":
                Console.WriteLine(JsonSerializer.Serialize(result, json));
                break;
            case "yaml":
                Console.Write(Yaml.Write(JsonSerializer.SerializeToElement(result, json)));
                break;
            default:
                Console.WriteLine(people());
                break;
        }
    }
}
