using System.CommandLine;
using Microsoft.Extensions.Logging;
using Weft.Lab.Kubelet;

namespace Weft.Lab.Daemon;

/// <summary>`weft-lab kubelet`.</summary>
internal static class KubeletCommand
{
    public static Command Build()
    {
        var dir = new Option<string>("--dir") { Description = "The lab's directory.", Required = true };
        var node = new Option<int>("--node") { Description = "Number of the node.", Required = true };
        var kubeconfig = new Option<string>("--kubeconfig")
        {
            Description = "How the node reaches the API server.",
            Required = true,
        };
        var command = new Command(
            "kubelet",
            "Runs the pods of a node. Start it inside the node's network namespace; its end ends no pod."
        )
        {
            dir,
            node,
            kubeconfig,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                using var logging = Logging.Create();
                await NodeKubelet.RunAsync(
                    parsed.GetRequiredValue(dir),
                    parsed.GetValue(node),
                    parsed.GetRequiredValue(kubeconfig),
                    logging.CreateLogger("kubelet"),
                    cancel
                );
            }
        );
        return command;
    }
}
