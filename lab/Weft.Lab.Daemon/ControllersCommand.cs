using System.CommandLine;
using Microsoft.Extensions.Logging;
using Weft.Lab.Controllers;

namespace Weft.Lab.Daemon;

/// <summary>`weft-lab controllers`.</summary>
internal static class ControllersCommand
{
    public static Command Build()
    {
        var kubeconfig = new Option<string>("--kubeconfig") { Description = "The API server.", Required = true };
        var command = new Command(
            "controllers",
            "Deployments, ReplicaSets and DaemonSets to Pods, Pods to nodes, Services to EndpointSlices."
        )
        {
            kubeconfig,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                using var logging = Logging.Create();
                await LabControllers.RunAsync(
                    parsed.GetRequiredValue(kubeconfig),
                    logging.CreateLogger("controllers"),
                    cancel
                );
            }
        );
        return command;
    }
}
