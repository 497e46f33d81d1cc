using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Weft.Lab;

namespace Weft.Cli;

/// <summary>`weft lab`.</summary>
internal static class LabCommands
{
    private static readonly Option<string> Dir = new("--dir")
    {
        Description = "Directory of the lab. Labs in different directories live side by side.",
        HelpName = "DIR",
        DefaultValueFactory = _ => LabDirectory.Default,
        Recursive = true,
    };

    public static Command Create() =>
        new(
            "lab",
            "A cluster on this machine: nodes are network namespaces that run the real agent, pods get their network from the real plugin. Needs root."
        )
        {
            Dir,
            Up(),
            Run(),
            Exec(),
            Delete(),
            Status(),
            Logs(),
            Agent(),
            Matrix(),
            Down(),
        };

    /// <summary>The words that lead to a command, for messages: lab up.</summary>
    public static string PathOf(CommandResult result)
    {
        var words = new List<string>();
        for (SymbolResult? at = result; at is CommandResult { Parent: not null } command; at = at.Parent)
        {
            words.Insert(0, command.Command.Name);
        }

        return string.Join(' ', words);
    }

    private static Command Up()
    {
        var nodes = new Option<int>("--nodes")
        {
            Description = $"How many nodes, 1 to {AddressPlan.MaxNodes}.",
            HelpName = "N",
            Required = true,
            CustomParser = result =>
            {
                if (
                    int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var count)
                    && count is >= 1 and <= AddressPlan.MaxNodes
                )
                {
                    return count;
                }

                result.AddError($"--nodes is a number from 1 to {AddressPlan.MaxNodes}.");
                return default;
            },
        };
        var routing = new Option<RoutingMode>("--routing")
        {
            Description =
                "How packets get from node to node: vxlan (works on every network) or native (no encapsulation).",
            HelpName = "vxlan|native",
        };
        routing.AcceptOnlyFromAmong("vxlan", "native");
        var command = new Command("up", "Start a lab. Returns when every agent serves, and leaves it running.")
        {
            nodes,
            routing,
        };
        command.SetAction(parsed =>
        {
            RequireRoot();
            var lab = LabDirectory.At(parsed.GetRequiredValue(Dir));
            using var interrupted = new CancellationTokenSource();
            using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
            using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
            Cluster.Up(
                lab,
                parsed.GetValue(nodes),
                parsed.GetValue(routing),
                line => Console.WriteLine($"✓ {line}"),
                interrupted.Token
            );
            var option = lab.Root == LabDirectory.Default ? "" : $" --dir {lab.Root}";
            Console.WriteLine($"The lab is up. Start a pod: weft lab run default/a --node 1{option}");

            void Cancel(PosixSignalContext signal)
            {
                signal.Cancel = true;
                interrupted.Cancel();
            }
        });
        return command;
    }

    private static Command Run()
    {
        var pod = PodArgument();
        var words = new Argument<string[]>("COMMAND")
        {
            Description = "What to run in the pod, after `--`. Without it the pod only has its network.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var node = NodeOption();
        node.Required = true;
        var command = new Command(
            "run",
            "Start a pod: CNI ADD by the real plugin, then COMMAND in the background, its output in a log (`weft lab logs`). Prints the pod's addresses."
        )
        {
            pod,
            words,
            node,
        };
        command.SetAction(parsed =>
        {
            var record = Pod.Run(
                Open(parsed),
                PodName.Parse(parsed.GetRequiredValue(pod)),
                parsed.GetValue(node)!.Value,
                parsed.GetValue(words) ?? []
            );
            foreach (var address in record.Addresses)
            {
                Console.WriteLine(address);
            }
        });
        return command;
    }

    private static Command Exec()
    {
        // One argument for all words: with --node or --outside there is no pod among them.
        var words = new Argument<string[]>("NAMESPACE/NAME -- COMMAND")
        {
            Description = "The pod (leave it out with --node or --outside) and, after `--`, what to run.",
            Arity = ArgumentArity.OneOrMore,
        };
        var node = NodeOption();
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
            var onNode = result.GetValue(node) is not null;
            if (onNode && result.GetValue(outside))
            {
                result.AddError("--node and --outside are two places: give one.");
            }
            else if (!onNode && !result.GetValue(outside) && result.GetValue(words) is not { Length: > 1 })
            {
                result.AddError("Name the pod and the command: NAMESPACE/NAME -- COMMAND.");
            }
        });
        command.SetAction(parsed =>
        {
            var lab = Open(parsed);
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
                Pod.Execute(lab, PodName.Parse(given[0]), given[1..]);
            }
        });
        return command;
    }

    private static Command Delete()
    {
        var pod = PodArgument();
        var command = new Command("delete", "Delete a pod: end its processes, CNI DEL by the real plugin.") { pod };
        command.SetAction(parsed => Pod.Delete(Open(parsed), PodName.Parse(parsed.GetRequiredValue(pod))));
        return command;
    }

    private static Command Status()
    {
        var output = new Option<string>("--output", "-o")
        {
            Description = "table, or json with all that the agents say of themselves.",
            HelpName = "table|json",
            DefaultValueFactory = _ => "table",
        };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("status", "Show nodes and pods. Exit code 1 when an agent does not serve.")
        {
            output,
        };
        command.SetAction(parsed =>
        {
            var status = LabStatus.Of(Open(parsed));
            Console.WriteLine(
                parsed.GetValue(output) == "json"
                    ? JsonSerializer.Serialize(status, LabJson.Default.LabStatus)
                    : StatusTable.Render(status)
            );
            return status.Nodes.Any(n => n.Problem is not null) ? 1 : 0;
        });
        return command;
    }

    private static Command Logs()
    {
        var pod = PodArgument();
        pod.Arity = ArgumentArity.ZeroOrOne;
        var node = NodeOption();
        var command = new Command("logs", "Print what a pod's command, or with --node a node's agent, has written.")
        {
            pod,
            node,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(node) is null == result.GetValue(pod) is null)
            {
                result.AddError("Name a pod, or a node with --node.");
            }
        });
        command.SetAction(parsed =>
        {
            var lab = Open(parsed);
            var log = parsed.GetValue(node) is { } number
                ? lab.ExistingNode(number).Log
                : lab.Pod(PodName.Parse(parsed.GetRequiredValue(pod))).Log;
            if (File.Exists(log))
            {
                using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var output = Console.OpenStandardOutput();
                file.CopyTo(output);
            }
        });
        return command;
    }

    private static Command Agent()
    {
        var node = NodeOption();
        node.Required = true;
        node.Recursive = true;
        var kill = new Command("kill", "End a node's agent without warning (SIGKILL); its pods' packets go on.");
        kill.SetAction(parsed => Cluster.KillAgent(Open(parsed), parsed.GetValue(node)!.Value));
        var start = new Command("start", "Start a node's agent again. Returns when it serves.");
        start.SetAction(parsed => Cluster.StartAgent(Open(parsed), parsed.GetValue(node)!.Value));
        return new Command("agent", "End and start the agent of a node.") { node, kill, start };
    }

    private static Command Matrix()
    {
        var command = new Command(
            "matrix",
            "Try every path between pods, nodes and the outside, and show reachability and latency. Exit code 1 when one fails."
        )
        {
            Hidden = true,
        };
        command.SetAction(parsed =>
        {
            var cells = Lab.Matrix.Run(Open(parsed));
            var colours = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
            Console.Write(MatrixTable.Render(cells, colours));
            return cells.Any(c => c.Problem is not null) ? 1 : 0;
        });
        return command;
    }

    private static Command Down()
    {
        var command = new Command(
            "down",
            "Stop a lab and remove all of it, however it came to be there, and nothing else. Fine when there is none."
        );
        command.SetAction(parsed =>
        {
            RequireRoot();
            var lab = LabDirectory.At(parsed.GetRequiredValue(Dir));
            Console.WriteLine(
                Cluster.Down(lab) ? $"The lab in {lab.Root} is gone." : $"There is no lab in {lab.Root}."
            );
        });
        return command;
    }

    /// <summary>The lab that is there, for a command that needs one.</summary>
    private static LabDirectory Open(ParseResult parsed)
    {
        RequireRoot();
        return LabDirectory.Open(parsed.GetRequiredValue(Dir));
    }

    private static void RequireRoot()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new LabException("namespaces and mounts need root: run it with sudo");
        }
    }

    private static Argument<string> PodArgument() => new("NAMESPACE/NAME") { Description = "The pod." };

    private static Option<int?> NodeOption() =>
        new("--node") { Description = "Number of the node, from 1.", HelpName = "N" };
}
