using System.CommandLine;
using Weft.Lab;

namespace Weft.Cli;

/// <summary>`weft lab run`, `exec` and `delete`.</summary>
internal static class PodCommands
{
    public static Command Run()
    {
        var pod = LabOptions.PodArgument();
        var words = new Argument<string[]>("COMMAND")
        {
            Description = "What to run in the pod, after `--`. Without it the pod only has its network.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var node = LabOptions.NodeOption();
        node.Required = true;
        var command = new Command(
            "run",
            "Create a pod on a node, with COMMAND from this machine's file system (image: host), and wait until it is Ready. Prints its addresses."
        )
        {
            pod,
            words,
            node,
        };
        command.SetAction(parsed =>
        {
            var lab = LabOptions.Open(parsed);
            var name = parsed.GetRequiredValue(pod);
            var number = parsed.GetValue(node)!.Value;
            var given = parsed.GetValue(words) ?? [];
            var addresses = lab.HasKubernetes
                ? ClusterPod.Run(lab, name, number, given)
                : LabPod.Run(lab, name, number, given).Addresses;
            foreach (var address in addresses)
            {
                Console.WriteLine(address);
            }
        });
        return command;
    }

    public static Command Exec()
    {
        // One argument for all words: with --node or --outside there is no pod among them.
        var words = new Argument<string[]>("NAMESPACE/NAME -- COMMAND")
        {
            Description = "The pod (leave it out with --node or --outside) and, after `--`, what to run.",
            Arity = ArgumentArity.OneOrMore,
        };
        var node = LabOptions.NodeOption();
        var outside = new Option<bool>("--outside") { Description = "Run on the host outside of the cluster." };
        var command = new Command(
            "exec",
            "Run a command inside of a pod, a node or the outside host. Terminal, signals and exit code are the command's own."
        )
        {
            words,
            node,
            outside,
        };
        command.Validators.Add(result =>
        {
            // Presence only: the value may be one that was refused.
            var onNode = result.GetResult(node) is not null;
            var onOutside = result.GetResult(outside) is { Implicit: false };
            if (onNode && onOutside)
            {
                result.AddError("--node and --outside are two places: give one.");
            }
            else if (!onNode && !onOutside && result.GetResult(words) is not { Tokens.Count: > 1 })
            {
                result.AddError("Name the pod and the command: NAMESPACE/NAME -- COMMAND.");
            }
        });
        command.SetAction(parsed =>
        {
            var lab = LabOptions.Open(parsed);
            var given = parsed.GetRequiredValue(words);
            if (parsed.GetValue(node) is { } number)
            {
                Cluster.ExecuteOnNode(lab, number, given);
            }
            else if (parsed.GetValue(outside))
            {
                Cluster.ExecuteOutside(lab, given);
            }
            else
            {
                LabPod.Execute(lab, PodName.Parse(given[0]), given[1..]);
            }
        });
        return command;
    }

    public static Command Delete()
    {
        var pod = LabOptions.PodArgument();
        var command = new Command("delete", "Delete a pod and wait until it is gone.") { pod };
        command.SetAction(parsed =>
        {
            var lab = LabOptions.Open(parsed);
            Action<LabDirectory, PodName> delete = lab.HasKubernetes ? ClusterPod.Delete : LabPod.Delete;
            delete(lab, parsed.GetRequiredValue(pod));
        });
        return command;
    }
}
