using System.CommandLine;
using System.Runtime.InteropServices;
using Weft.Lab;

namespace Weft.Cli;

/// <summary>`weft lab`.</summary>
internal static class LabCommands
{
    public static Command Create() =>
        new(
            "lab",
            "A cluster on this machine: nodes are network namespaces that run the real agent, pods get their network from the real plugin. Needs root."
        )
        {
            LabOptions.Dir,
            Up(),
            PodCommands.Run(),
            PodCommands.Exec(),
            PodCommands.Delete(),
            Status(),
            Logs(),
            Program(NodeProgram.Agent, "agent", "Its pods' packets go on.", "Returns when it serves."),
            Program(NodeProgram.Kubelet, "kubelet", "Its pods go on.", "It takes the pods up as they are."),
            Program(ClusterProgram.ApiServer, "apiserver", "All goes on as it was.", "It has what it had."),
            Program(ClusterProgram.Controllers, "controllers", "", ""),
            Program(ClusterProgram.Operator, "operator", "", ""),
            Matrix(),
            Down(),
        };

    private static Command Up()
    {
        var nodes = new Option<int?>("--nodes")
        {
            Description = $"How many nodes, 1 to {AddressPlan.MaxNodes}.",
            HelpName = "N",
            Required = true,
            CustomParser = result => LabOptions.ParseNumber(result, "--nodes"),
        };
        var routing = new Option<RoutingMode>("--routing")
        {
            Description =
                "How packets get from node to node: vxlan (works on every network) or native (no encapsulation).",
            HelpName = "vxlan|native",
        };
        routing.AcceptOnlyFromAmong("vxlan", "native");
        var kubeconfig = new Option<FileInfo>("--kubeconfig")
        {
            Description =
                "Join the nodes to the cluster of this kubeconfig's current context, instead of an API server of the lab's own.",
            HelpName = "FILE",
        };
        kubeconfig.AcceptExistingOnly();
        var without = new Option<bool>("--without-kubernetes")
        {
            Description = "No API server: nodes know of each other by files, and only `weft lab run` makes pods.",
        };
        var command = new Command(
            "up",
            "Start a lab. Returns when every agent serves and every Node is Ready, and leaves it running."
        )
        {
            nodes,
            routing,
            kubeconfig,
            without,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(kubeconfig) is not null && result.GetResult(without) is { Implicit: false })
            {
                result.AddError("--kubeconfig and --without-kubernetes contradict each other: give one.");
            }
        });
        command.SetAction(parsed =>
        {
            LabOptions.RequireRoot();
            var lab = LabDirectory.At(parsed.GetRequiredValue(LabOptions.Dir));
            using var interrupted = new CancellationTokenSource();
            using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
            using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
            Cluster.Up(
                lab,
                new LabShape(
                    parsed.GetValue(nodes)!.Value,
                    parsed.GetValue(routing),
                    parsed.GetValue(kubeconfig)?.FullName,
                    parsed.GetValue(without)
                ),
                line => Console.WriteLine($"✓ {line}"),
                interrupted.Token
            );
            var option = lab.Root == LabDirectory.Default ? "" : $" --dir {lab.Root}";
            Console.WriteLine($"The lab is up. Start a pod: weft lab run default/a --node 1{option}");
            if (lab.HasKubernetes)
            {
                Console.WriteLine($"export KUBECONFIG={lab.Kubeconfig}");
            }

            void Cancel(PosixSignalContext signal)
            {
                signal.Cancel = true;
                interrupted.Cancel();
            }
        });
        return command;
    }

    private static Command Status()
    {
        var output = OutputOption.Create("table");
        var command = new Command(
            "status",
            "Show nodes and pods. Exit code 1 when an agent does not serve or a program of the cluster does not run."
        )
        {
            output,
        };
        command.SetAction(parsed =>
        {
            var status = LabStatus.Of(LabOptions.Open(parsed));
            parsed.Print(output, status, LabJson.Default.LabStatus, () => StatusTable.Render(status));
            return status.Stopped.Count > 0 || status.Nodes.Any(n => n.Problem is not null) ? 1 : 0;
        });
        return command;
    }

    private static Command Logs()
    {
        var pod = LabOptions.PodArgument();
        pod.Arity = ArgumentArity.ZeroOrOne;
        var node = LabOptions.NodeOption();
        var container = new Option<string?>("--container", "-c")
        {
            Description = "Name of a container of the pod; its first one unless given.",
            HelpName = "NAME",
        };
        var command = new Command("logs", "Print what a pod's container, or with --node a node's agent, has written.")
        {
            pod,
            node,
            container,
        };
        command.Validators.Add(result =>
        {
            // Presence only: the value may be one that was refused.
            if (result.GetResult(node) is null == result.GetResult(pod) is not { Tokens.Count: > 0 })
            {
                result.AddError("Name a pod, or a node with --node.");
            }
        });
        command.SetAction(parsed =>
        {
            var lab = LabOptions.Open(parsed);
            var log = parsed.GetValue(node) is { } number
                ? lab.ExistingNode(number).Log
                : LabPod.LogOf(lab, parsed.GetRequiredValue(pod), parsed.GetValue(container));
            if (File.Exists(log))
            {
                using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var output = Console.OpenStandardOutput();
                file.CopyTo(output);
            }
        });
        return command;
    }

    private static Command Program(NodeProgram program, string name, string whenKilled, string whenStarted)
    {
        var node = LabOptions.NodeOption();
        node.Required = true;
        node.Recursive = true;
        var kill = new Command("kill", $"End a node's {name} without warning (SIGKILL). {whenKilled}");
        kill.SetAction(parsed => Cluster.Kill(LabOptions.Open(parsed), program, parsed.GetValue(node)!.Value));
        var start = new Command("start", $"Start a node's {name} again. {whenStarted}");
        start.SetAction(parsed => Cluster.Start(LabOptions.Open(parsed), program, parsed.GetValue(node)!.Value));
        return new Command(name, $"End and start the {name} of a node.") { node, kill, start };
    }

    private static Command Program(ClusterProgram program, string name, string whenKilled, string whenStarted)
    {
        var kill = new Command("kill", $"End the {name} without warning (SIGKILL). {whenKilled}".TrimEnd());
        kill.SetAction(parsed => Cluster.Kill(LabOptions.Open(parsed), program));
        var start = new Command("start", $"Start the {name} again. {whenStarted}".TrimEnd());
        start.SetAction(parsed => Cluster.Start(LabOptions.Open(parsed), program));
        return new Command(name, $"End and start the {name} of the lab.") { kill, start };
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
            var cells = Lab.Matrix.Run(LabOptions.Open(parsed));
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
            LabOptions.RequireRoot();
            var lab = LabDirectory.At(parsed.GetRequiredValue(LabOptions.Dir));
            Console.WriteLine(
                Cluster.Down(lab) ? $"The lab in {lab.Root} is gone." : $"There is no lab in {lab.Root}."
            );
        });
        return command;
    }
}
