using System.CommandLine;
using System.CommandLine.Help;
using Weft.Cli.Completion;
using Weft.Cli.Connectivity;
using Weft.Cli.Explaining;
using Weft.Cli.Inspection;
using Weft.Cli.Policies;
using Weft.Cli.Services;
using Weft.Cli.Status;
using Weft.Cli.Sysdump;

namespace Weft.Cli;

/// <summary>All commands of `weft`.</summary>
internal static class Root
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Weft: a container network for Kubernetes.")
        {
            StatusCommand.Create(),
            ConnectivityCommands.Create(),
            NodeCommands.Create(),
            EndpointCommands.Create(),
            IdentityCommands.Create(),
            ServiceCommands.Create(),
            PolicyCommands.Create(),
            ExplainCommand.Create(),
            DenialsCommand.Create(),
            MapCommands.Create(),
            SysdumpCommand.Create(),
            CompletionCommand.Create(),
            LabCommands.Create(),
            ProbeCommands.Create(),
        };
        // Windows' ways to ask for help would be among what shells complete.
        var help = root.Options.OfType<HelpOption>().Single();
        foreach (var alias in (string[])["/h", "/?", "-?"])
        {
            help.Aliases.Remove(alias);
        }

        return root;
    }
}
