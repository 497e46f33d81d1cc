using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Weft.Lab;

namespace Weft.Cli;

/// <summary>What the commands of `weft lab` have in common.</summary>
internal static class LabOptions
{
    public static readonly Option<string> Dir = new("--dir")
    {
        Description = "Directory of the lab. Labs in different directories live side by side.",
        HelpName = "DIR",
        DefaultValueFactory = _ => LabDirectory.Default,
        Recursive = true,
    };

    /// <summary>The lab that is there, for a command that needs one.</summary>
    public static LabDirectory Open(ParseResult parsed)
    {
        RequireRoot();
        return LabDirectory.Open(parsed.GetRequiredValue(Dir));
    }

    public static void RequireRoot()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new LabException("namespaces and mounts need root: run it with sudo");
        }
    }

    public static Argument<PodName> PodArgument() =>
        new("NAMESPACE/NAME")
        {
            Description = "The pod.",
            CustomParser = result =>
            {
                try
                {
                    return PodName.Parse(result.Tokens[0].Value);
                }
                catch (LabException e)
                {
                    result.AddError($"{e.Message}.");
                    return null;
                }
            },
        };

    public static Option<int?> NodeOption() =>
        new("--node")
        {
            Description = "Number of the node, from 1.",
            HelpName = "N",
            CustomParser = result => ParseNumber(result, "--node"),
        };

    /// <summary>A number of a node, or of nodes.</summary>
    public static int? ParseNumber(ArgumentResult result, string option)
    {
        if (
            int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= AddressPlan.MaxNodes
        )
        {
            return number;
        }

        result.AddError($"{option} is a number from 1 to {AddressPlan.MaxNodes}.");
        return null;
    }
}
